"""German."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            ihren auftrag, deinen auftrag, auftrag erhalten, auftrag ist bei uns,
            vorkasse, deine fahrt, ihre fahrt, ihre ware, wurde geliefert, rechnung,
            ihre rechnung, deine rechnung, -rechnung, quittung, beleg, kaufbeleg,
            kassenbon, bestellung, ihre bestellung, deine bestellung,
            bestellbestätigung, bestellnummer, bestelleingang, bestellübersicht,
            auftragsbestätigung, versandbestätigung, sendung, sendungs-,
            sendungsverfolgung, paket, dein paket, ihr paket, ist unterwegs, auf dem weg
            zu, wird heute zugestellt, zugestellt, lieferung, lieferschein,
            lieferstatus, fahrkarte, fahrschein, online-ticket, dein ticket, ihr ticket,
            deine tickets, ihre tickets, danke für deine bestellung, danke für ihre
            bestellung, vielen dank für ihre bestellung, vielen dank für deine
            bestellung, danke für ihren einkauf, deinen einkauf, ihr einkauf, dein
            einkauf, rücksendung, retoure, erstattung, rückerstattung, abholbereit, zur
            abholung bereit, zahlungseingang, zahlungsbestätigung, versandt, verschickt,
            zahlung erhalten, wird gepackt, auf dem packtisch, unser lager verlassen, an
            den versand, an den versanddienst, der zusteller, zusteller, ablageort,
            paketshop, packstation, beim nachbarn, bezahlt mit, gezahlt, per paypal,
            summe, gesamtpreis, reihe, wagen, zeigen sie den code, ihre rücksendung,
            retoure eingetroffen, wir erstatten, ursprüngliche zahlungsart,
            spendenquittung, parkvorgang, mietwagen, ihr auftrag, rechnung liegt bei,
            anbei die rechnung, ihre karten
        """,
        weak="""
            betrag, gesamtbetrag, summe, zwischensumme, gesamt, gesamtsumme, mwst,
            bezahlt, lieferadresse, rechnungsadresse, rechnungsnummer, kundennummer,
            bestellt, artikel, menge, zustellung, versand, versanddienst, abflug,
            sitzplatz, zahlungsart, zahlungsweise, liefertermin, auftrag,
            auftragsnummer, gekauft, zusteller, stopps, filiale, kiste, karten,
            hinfahrt, rückfahrt, platz, fahrpreis, trinkgeld, gebühren, ware, abholung
        """,
        against="""
            warenkorb, auf deine nächste bestellung, auf ihre nächste bestellung
        """,
    ),
    "finance": Genre(
        strong="""
            geld erhalten, erstattet ihnen, erstattet, bescheid, monatlichen sparbetrag,
            hat dir geld, ausgezahlt, kontoauszug, kontoauszüge, neue kontoauszüge,
            -auszug, lastschrift, sepa-lastschrift, überweisung, -überweisung,
            kreditkarte, kreditkarten-, gehaltsabrechnung, lohnabrechnung,
            entgeltabrechnung, verdienstabrechnung, bezügemitteilung, gehaltsmitteilung,
            lohnsteuer-, steuer-, steuerbescheid, steuererklärung, finanzamt, dividende,
            dividenden-, depot, depot-, zinsen, zinssatz, wertpapier, wertpapier-,
            kontostand, darlehen, -darlehen, baufinanzierung, -versicherung,
            versicherung, versicherungs-, abbuchung, girokonto, tagesgeld, ihr gehalt,
            dein gehalt, nettogehalt, beitragsrechnung, beitragsanpassung, police,
            schadenmeldung, schadensmeldung, schadennummer, umsatz auf ihrem konto,
            zahlungserinnerung, mahnung, gutschrift, geldeingang, kartenzahlung, mit
            ihrer karte, mit deiner karte, sparplan, sparplan-, renten-,
            rentenversicherung, jahressteuerbescheinigung, zahlung fällig, order wurde
            ausgeführt, ausgeführt, abrechnung, wertpapierabrechnung, verrechnungskonto,
            verfügungsrahmen, im postkorb, neues dokument in ihrem postfach, sparrate,
            zinsen erhöht, leitzins, jahresbeitrag, wird eingezogen, wird abgebucht, vom
            konto ab, ihre karte mit, karte wurde eingesetzt, zahlung von, bei der
            versicherung, leistungsabrechnung, erstattungsbetrag, einspruch,
            grundsteuer, kindergeld, rentenbescheid, auszahlung erfolgt, zuzahlung,
            verwendungszweck
        """,
        weak="""
            konto, steuer, anlage, fonds, beitrag, zahlung, fällig, bank, iban, umsatz,
            saldo, gehalt, auszahlung, eingezogen, überwiesen, abgebucht, kredit,
            vertrag, karte, verfügbar, postfach, guthaben, anteile, kurs, order, rate,
            zins, beleg, jahresbeitrag, bedingungen, einzug, erstattung, bescheid,
            leistung, selbstbeteiligung
        """,
    ),
    "calendar": Genre(
        strong="""
            neuer zeitpunkt, wir freuen uns auf ihren besuch, wir freuen uns auf deinen
            besuch, termin, termin-, -termin, ihr termin, dein termin, neuer termin,
            terminänderung, terminerinnerung, terminabsage, terminbestätigung,
            besprechung, besprechungs-, besprechungsanfrage, wurde verschoben, einladung
            zum, einladung zur, einladung zu, lädt dich ein, lädt sie ein,
            termineinladung, hat zugesagt, hat abgesagt, erinnerung an ihren termin,
            erinnerung an deinen termin, elternabend, sprechstunde, ihr besuch am,
            tischreservierung, vorstellungsgespräch, buchungsbestätigung,
            buchungsnummer, ihre buchung, deine buchung, ihre reservierung, deine
            reservierung, bordkarte, check-in geöffnet, reisebestätigung, reiseplan, wir
            erwarten sie, wir erwarten dich, bis dienstag, bis montag, bis mittwoch, bis
            donnerstag, bis freitag, falls etwas dazwischenkommt, dazwischenkommt, falls
            sie verhindert, verhindert, am vortag, einen tag vorher, sagen sie bitte,
            versichertenkarte, gesundheitskarte, ihre zeit ist, werkstatttermin,
            probefahrt, besichtigung, prophylaxe, vorsorge, aufenthalt, anreise ab,
            kostenlos stornierbar, doppelzimmer, elternsprechtag, zusagen, mit vorbehalt
        """,
        weak="""
            verschoben, zusage, absage, zugesagt, abgesagt, einladung, kalender,
            teilnehmer, teilnehmen, uhrzeit, uhr, erinnerung, ort, wann, wo, praxis,
            verlegen, verlegt, montag, dienstag, mittwoch, donnerstag, freitag,
            pünktlich, meeting, veranstaltung, rückmeldung, reservierung, buchung,
            zimmer, raum, anreise, abreise, frühstück, absagen, behandlung,
            untersuchung, besuch, stunde
        """,
        against="""
            webinar, liefertermin, zustelltermin, zustellung, lieferung
        """,
    ),
    "security": Genre(
        strong="""
            e-mail-adresse wurde geändert, telefonnummer wurde geändert, sichern sie ihr
            konto, hat sich angemeldet, anmelde-link, bestätigungscode, sicherheitscode,
            einmalpasswort, einmalcode, anmeldecode, zugangscode, verifizierungscode,
            -code, tan, passwort zurücksetzen, kennwort zurücksetzen, passwort
            zurückzusetzen, passwort geändert, passwort wurde geändert, neues passwort,
            ihr passwort, dein passwort, neues gerät, neuen gerät, neuem gerät,
            unbekanntes gerät, unbekannten gerät, neue anmeldung, neuer login, anmeldung
            bei, anmeldung von, anmeldung in, angemeldet, anmeldeversuch, login-versuch,
            sicherheitswarnung, sicherheitshinweis, sicherheitsmeldung, verdächtige
            aktivität, ungewöhnliche aktivität, ungewöhnliche anmeldung, geben sie
            diesen code, gib diesen code, niemals weiter, code nicht weiter, nicht
            weitergeben, zwei-faktor, zwei-faktor-authentifizierung, zweistufige,
            passkey, bestätigen sie ihre e-mail, bestätige deine e-mail, e-mail-adresse
            bestätigen, warst du das, waren sie das, nicht sie waren, du das nicht
            warst, konto gesperrt, anmeldelink, wiederherstellungscode, nicht
            angefordert, gerade angemeldet, sich angemeldet, das waren sie, waren sie
            das nicht, waren sie es nicht, warst du das nicht, nicht von dir, nicht von
            ihnen, alle sitzungen, neues kennwort, vergeben sie ein, wurde
            freigeschaltet, registriert, aus einem anderen land, zugriff verhindert,
            zugriff blockiert, wiederherstellung, anmeldeseite, er gilt, gilt zehn, nur
            einmal, sicherheitseinstellungen, schlüssel hinzugefügt, link ist, nur noch
            ein klick, konto aktiv
        """,
        weak="""
            passwort, kennwort, sicherheit, gerät, gültig, standort, code, anmeldung,
            anmelden, login, authentifizierung, browser, einloggen, minuten gültig,
            ignorieren, konto, freigeschaltet, sitzung, sitzungen, gültigkeit,
            bestätigen, zugriff, schlüssel
        """,
        against="rabattcode, gutscheincode, aktionscode, mit dem code, postleitzahl",
    ),
    "notifications": Genre(
        strong="""
            hochgeladen, neues dokument, aktivität, karte verschoben, karten verschoben,
            antwortet nicht, quittieren, leihfrist, rückgabefrist, rückgabe fällig,
            ausgeliehen, abwesenheit, abwesenheits-, abwesenheitsnotiz, automatische
            antwort, wartung, wartungsarbeiten, wartungs-, geplante wartung, störung,
            störungs-, datensicherung, unzustellbar, freigegeben, hat ein dokument, für
            sie freigegeben, zugewiesen, wurde ihnen zugewiesen, ticket, ihr ticket,
            ihre anfrage, deine anfrage, ihr anliegen, wurde aktualisiert,
            vorgangsnummer, ticketnummer, in bearbeitung, neuer status, statusänderung,
            build, pipeline, fehlgeschlagen, backup, speicherplatz, speicher fast voll,
            server, zertifikat, läuft ab, export ist fertig, bericht ist fertig,
            nutzungsbedingungen, datenschutzerklärung, agb, aufgabe, neue aufgabe,
            fällig am, erwähnt, zur unterschrift, unterschrieben, über dieser zeile,
            neuer kommentar im, serviceeinschränkung, ausfall, monitoring, alarm,
            eingegangen, ist bei uns eingegangen, wir haben ihre anfrage, wird
            bearbeitet, wir melden uns, zählerstand, kein wasser, stromausfall,
            bauarbeiten, müssen zurück, muss zurück, sind fällig, vorgemerkt, liegt zur
            abholung, elternbereich, neue mitteilung, neue nachricht der, melden sie
            sich an um, fehlgeschlagener, tests fehlgeschlagen, lauf fehlgeschlagen,
            wieder erreichbar, nicht erreichbar, antwortet nicht mehr, schwellwert,
            läuft in, ausgelöst, protokoll ansehen, freigabe erhalten, kommentieren, zur
            prüfung, genehmigt, abgelehnt, neue version, wird abgeschaltet, ihre
            meldung, aktenzeichen, zwischenstand
        """,
        weak="""
            benachrichtigung, meldung, hinweis, abgeschlossen, bericht, warnung,
            projekt, status, aktualisiert, behoben, vorgang, anfrage, erledigt,
            dokument, frist, eingang, bearbeitung, portal, bibliothek, gerät, sensor,
            drucker, version, netz, leitung, titel, verlängerung, aufgaben, überfällig,
            protokoll, mitteilung
        """,
    ),
    "newsletters": Genre(
        strong="""
            jeden sonntag, jede woche, jeden monat, newsletter, -newsletter, im browser
            lesen, im browser ansehen, im browser, diese woche, wochenrückblick, neue
            ausgabe, in dieser ausgabe, ausgabe, rundbrief, wochenbrief, briefing, die
            themen des tages, themen des tages, themen der woche, das wichtigste,
            nachrichten des, liebe leserinnen, liebe leser, leserinnen und leser, zum
            weiterlesen, jetzt lesen, lesetipp, lesetipps, guten morgen, neue folge,
            editorial, monatsbrief, infobrief, der tag, was heute wichtig, neu im blog,
            zum artikel, liebe mitglieder, liebe freunde, ihr lieben, aktuelles aus,
            neues aus, unser programm, spielplan, veranstaltungen im, termine im,
            monatsrückblick, jahresrückblick, buchtipp, link der woche, frage der woche,
            rezept der woche, auf einen blick, presseschau, kommentar, in eigener sache,
            aus der redaktion, neue studie, blogbeitrag, mitgliederbrief, gemeindebrief,
            folge, sonderausgabe
        """,
        weak="""
            wöchentlich, abonnent, abonnenten, abonnement, artikel, weiterlesen, lesen,
            redaktion, kolumne, podcast, reportage, thema, themen, interview, monatlich,
            heft, lesezeit, neuigkeiten, aktuelles, nachrichten, bericht, berichte,
            tipps, rezepte, rückblick, ausblick, hinweise, leser, leserinnen,
            ausstellung, studie, gespräch, brief, blog, meinung, porträt, vortrag
        """,
        against="jetzt kaufen, jetzt shoppen, jetzt bestellen",
    ),
    "promotions": Genre(
        strong="""
            geht auf uns, günstiger, zum sonderpreis, angebot, angebote, -angebot,
            -angebote, rabatt, rabatte, -rabatt, gutschein, gutschein-, rabattcode,
            gutscheincode, mit dem code, jetzt kaufen, nur heute, nur noch heute, nur
            für kurze zeit, nur kurze zeit, sonderangebot, sale, schlussverkauf, jetzt
            sparen, versandkostenfrei, aktion, jetzt shoppen, jetzt zugreifen, jetzt
            entdecken, jetzt sichern, spenden, ihre spende, spende, letzte chance, endet
            heute, endet morgen, bis zu, reduziert, zum halben preis, gratis dazu,
            kostenlos testen, neue kollektion, warenkorb, neuheiten, im angebot, black
            week, black friday, preisknaller, schnäppchen, frühbucher, auf alles,
            exklusiv für dich, exklusiv für sie, geschenk für, endspurt, nur solange,
            solange vorrat reicht, letzte plätze, jetzt bestellen, jetzt buchen, jetzt
            anmelden und, bestellen sie gleich, zum kleinen preis, zum aktionspreis,
            preis gesenkt, bestseller, lieblingsstücke, für sie ausgesucht, für dich
            ausgesucht, vorteilspreis, treuepunkte, punkte einlösen, sparen sie, sie
            sparen, du sparst, erste monat gratis, monate gratis, zahlen sie nur, nur
            die hälfte, wechseln sie, jetzt wechseln, geschenkt, schenken wir, schenken
            wir ihnen, lieferung geschenkt, helfen sie, jetzt spenden, ihr beitrag
            hilft, spendenaktion, neueröffnung, sonderpreis, versandkosten geschenkt,
            kommen sie vorbei
        """,
        weak="""
            sparen, spare, gratis, kostenlos, exklusiv, preis, preise, neu im,
            kollektion, gewinnen, gewinnspiel, günstig, vorteil, vorteile, shop, prämie,
            punkte, entdecken, entdecke, solange der vorrat, neu, neue, modelle, größen,
            farben, winter, sommer, angebotspreis, vorrat, bestellen, buchen, tarif,
            testen, mitmachen, sichern
        """,
    ),
    "social": Genre(
        strong="""
            hat gespeichert, feuert dich an, teilt deinen, freundschaftsanfrage,
            kommentiert, hat kommentiert, hat deinen beitrag, gefällt dein, gefällt
            deinem, gefällt das, folgt dir, folgt dir jetzt, dir zu folgen, neue
            follower, neuer follower, markiert, hat dich markiert, kontaktanfrage,
            möchte sich vernetzen, dein beitrag, deinen beitrag, dein foto, dein profil,
            dein profil angesehen, personen, die du kennst, auf deinen kommentar, neue
            nachricht von, hat dir eine nachricht, hat dich eingeladen, reagiert auf,
            hat reagiert, neue kontakte, geburtstag, deine story, profilaufrufe, folgt
            dir nun, will dir folgen, hat deinen kommentar, hat auf deine frage, hat dir
            geantwortet, gefällt dein beitrag, personen gefällt, hat dich erwähnt,
            erwähnt, in einem beitrag, hat etwas gepostet, neue beiträge, aus deiner
            nachbarschaft, du bist dran, hat dich herausgefordert, deine erinnerungen,
            hat heute geburtstag, möchte mit ihnen, möchten sich mit ihnen vernetzen,
            profil wurde, hat deine story, ist jetzt live, neue mitglieder,
            beitrittsanfrage
        """,
        weak="""
            freunde, follower, kommentar, beitrag, profil, gruppe, netzwerk, gepostet,
            community, mitglieder, foto, likes, reaktionen, nachbarschaft, erinnerungen,
            mitglied, beiträge, gefällt, verein, abzeichen, rangliste
        """,
    ),
    "forums": Genre(
        strong="mailingliste, neuer beitrag im thema, antwort im thema, im forum",
        weak="schrieb, forum, thema",
    ),
    "personal": Genre(
        strong="""
            melde mich, meld dich, bis bald, bis dann, bis morgen, wie geht, hast du
            lust, kannst du, könntest du, sag bescheid, gib bescheid, ruf mich an, anbei
            die, anbei das, wie besprochen, freue mich, mama, papa, oma, opa, liebe
            grüße, viele grüße, lieben gruß, ganz liebe, drück dich, alles gute zum
            geburtstag, wollen wir, ich bringe, kommst du, könnten sie mir
        """,
        weak="""
            hallo, liebe, lieber, servus, moin, gruß, grüße, danke, lg, vg, herzlich,
            tschüss, ich, mir, mich, mein, meine, hi
        """,
    ),
    BULK: Genre(
        strong="""
            abmelden, abbestellen, newsletterabmeldung, abmeldelink, sie erhalten diese,
            du erhältst diese, diese e-mail wurde an, abbestellt, austragen, im browser
            ansehen, keine weiteren e-mails, benachrichtigungseinstellungen
        """,
    ),
    BAIT: Genre(
        strong="""
            wurde eingeschränkt, eingeschränkt, wird gesperrt, wurde gesperrt, sperrung,
            bestätigen sie ihre daten, bestätigen sie ihre identität, daten bestätigen,
            aktualisieren sie ihre, verifizieren sie, innerhalb von 24 stunden,
            innerhalb von 48 stunden, zollgebühr, zollgebühren, nachgebühr, umgehend,
            konnte nicht zugestellt, nicht zugestellt werden, um eine sperrung,
            wiederherzustellen, sie haben gewonnen, neue bankverbindung, zahlungsdaten
            aktualisieren, reaktivieren, entsperren, letzte mahnung, photo-tan erneuern,
            legitimieren, handeln sie, sofort handeln
        """,
        weak="""
            dringend, sehr geehrter kunde, klicken sie hier, hier klicken, lieber kunde
        """,
    ),
    PITCH: Genre(
        strong="""
            kurzes telefonat, kurzen call, kurzes gespräch, minuten zeit, unsere lösung,
            unsere leistungen, unsere dienstleistungen, mehr kunden, neukunden, ihre
            website, ihre webseite, bin auf ihr unternehmen, auf ihr unternehmen,
            suchmaschinenoptimierung, kostenloses erstgespräch, erstgespräch, kostenlose
            demo, wir unterstützen unternehmen, unternehmen wie, ihre reichweite, seo,
            nachfassen, zusammenarbeit, fachkräfte, unverbindlich, planbar, neue
            aufträge, neue kunden, betrieben wie ihrem, betriebe wie, wir helfen,
            bewerber, wir vermitteln, honorar, erfolgsfall, kostenlos eine analyse,
            kostenlose analyse, bei google, aufmerksam geworden, aufgefallen, abnehmen,
            potenzmittel, ohne rezept, geld verdienen, nebenverdienst, heimarbeit,
            sofortkredit, kredit ohne, erotik, single-, erbschaft
        """,
        weak="klicken, garantiert, gewinner, millionen, kasino, umsatz steigern, leads",
    ),
    DEMAND: Genre(
        strong="""
            jetzt bezahlen, begleichen sie, zahlen sie, bezahlen sie, überweisen sie,
            überweisen sie den betrag, zugangsdaten, ihre daten, kartendaten,
            kartennummer, kontodaten, bankdaten, hinterlegen, neu hinterlegen,
            bestätigen sie, aktualisieren sie, verifizieren, geben sie, melden sie sich
            an, anmelden und, zum formular, im formular, folgenden link, über den link,
            untenstehenden link, zur freigabe, freigabe, geschenkkarten, guthabenkarten,
            rufen sie sofort, pin ein, mit ihrem passwort, ihre iban, ihre kreditkarte,
            geburtsdatum, tragen sie ihre, tragen sie, ergänzen sie, zahlungsmittel,
            melden sie sich mit, anmeldename, scannen sie den code, registrieren sie
            sich erneut, erneut anmelden, installieren sie
        """,
    ),
    THREAT: Genre(
        strong="""
            andernfalls, anderenfalls, sonst, ansonsten, geht zurück, zurückgesendet,
            wird zurückgeschickt, wird vernichtet, vernichtet, wird deaktiviert,
            deaktiviert, wird geschlossen, verlieren sie, verfällt, läuft heute ab,
            läuft ab, noch heute, heute noch, 12 stunden, 24 stunden, 48 stunden, 72
            stunden, letzte mahnung, letzte erinnerung, letzte warnung,
            zwangsvollstreckung, klage, pfändung, gesperrt, sperren, zurückgehalten,
            ohne aktualisierung, aus sicherheitsgründen, offen, fehlen, nur noch bis,
            nicht mehr möglich, nicht mehr nutzbar, bis morgen, erforderlich, erneute
            zustellung, liegt im verteilzentrum, unvollständig, ihnen stehen, steht
            ihnen zu, ausstehend
        """,
    ),
    ASK: Genre(
        strong="""
            15 minuten, minuten zeigen, darf ich ihnen, darf ich sie, wann darf ich,
            wann passt, passt ihnen, haben sie diese woche, hier mein kalender, mein
            kalender, kurz telefonieren, telefonat, kurzen austausch, gern erstellen
            wir, hätten sie interesse, haben sie interesse, interesse, wer ist bei
            ihnen, ansprechpartner, stelle ich ihnen, ihre anzeige, unser angebot
            zusenden
        """,
    ),
}
