"""Dutch."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            je rit, uw rit, we hebben je bestelling, je hebt betaald, is geleverd, u
            heeft betaald, factuur, je factuur, uw factuur, -factuur, factuurnummer,
            bestelling, je bestelling, uw bestelling, bestelbevestiging, bestelnummer,
            kassabon, aankoopbewijs, bedankt voor je bestelling, bedankt voor uw
            bestelling, bedankt voor je aankoop, je aankoop, uw aankoop, pakket, je
            pakket, uw pakket, pakketje, is onderweg, onderweg, verzonden, is verzonden,
            bezorgd, is bezorgd, wordt vandaag bezorgd, bezorging, verzendbevestiging,
            track en trace, track & trace, zending, je zending, e-ticket, je tickets, uw
            tickets, terugbetaling, retour, je retour, ligt klaar om, klaar om op te
            halen, betaling ontvangen, betalingsbevestiging, je reis, uw reis,
            orderbevestiging, staat klaar bij, bezorger was, onze bezorger, de bezorger,
            afgegeven, gaf hem af, bij de buren, op nummer, afhaalpunt, hij is onderweg,
            vertrokken, betaald met, totaal betaald, totaalbedrag, bedankt voor je,
            bedankt voor uw, krijgt terug, je treinkaartjes, laat de code zien, fooi,
            pakbon, maaltijdbox
        """,
        weak="""
            totaal, bedrag, levering, geleverd, betaald, btw, subtotaal, besteld,
            artikelen, aantal, verzending, bezorger, afleveradres, factuuradres, vlucht,
            vertrek, stoel, betaalwijze, betaalmethode, verzendkosten, pakket, kist,
            rijtuig, magazijn, ophalen, box, kaartjes
        """,
        against="""
            je winkelmandje, winkelmand, je volgende bestelling
        """,
    ),
    "finance": Genre(
        strong="""
            je hebt ontvangen, u heeft ontvangen, declaratie, uw declaratie, is
            bijgeschreven, wij betalen, op uw rekening, rekeningoverzicht,
            rekeningafschrift, afschrift, afschriften, salarisstrook, loonstrook,
            salarisspecificatie, je salaris, uw salaris, incasso, automatische incasso,
            belasting, belasting-, belastingdienst, belastingaangifte, aanslag,
            voorlopige aanslag, inkomstenbelasting, teruggaaf, toeslag, toeslagen,
            hypotheek, hypotheek-, lening, creditcard, betaalpas, met je pas,
            overboeking, overschrijving, bijgeschreven, afgeschreven, je saldo, uw
            saldo, verzekering, -verzekering, verzekerings-, polis, polisblad, premie,
            je premie, uw premie, zorgverzekering, schadeclaim, schademelding, dividend,
            beleggingen, beleggings-, pensioen, pensioen-, jaaroverzicht, jaaropgave,
            betalingsherinnering, tikkie, je rente, rente voor, op je spaarrekening,
            spaarrekening, aangifte, wordt afgeschreven, afschrijving, is betaald met je
            pas, bij- en afschrijvingen, inleg, participaties, nota, jaarpremie,
            geïncasseerd, nettoloon, overgemaakt, maandlasten, order uitgevoerd,
            vergoeding, eigen risico, betaalverzoek
        """,
        weak="""
            bank, rekening, betaling, saldo, iban, rente, bedrag, overgemaakt,
            transactie, contract, machtiging, fiscaal, aandelen, inleg, declaratie,
            sparen, pas, premie, polis, belegd, fonds, termijn, verzekering
        """,
    ),
    "calendar": Genre(
        strong="""
            we zien je, tot ziens op, nieuwe afspraak, andere tijd, afspraak, je
            afspraak, uw afspraak, afspraakbevestiging, afspraakherinnering, herinnering
            afspraak, herinnering aan je afspraak, vergadering, overleg, uitnodiging
            voor, uitnodiging, nodigt je uit, nodigt u uit, je bent uitgenodigd, u bent
            uitgenodigd, heeft je uitnodiging geaccepteerd, is verplaatst, is verzet,
            nieuwe tijd, geannuleerde afspraak, sollicitatiegesprek, toevoegen aan
            agenda, instapkaart, inchecken, boekingsbevestiging, je boeking, uw boeking,
            boekingsnummer, je reservering, uw reservering, reserveringsbevestiging, we
            zien u, u bent ingedeeld, u heeft een controle, spreekkamer, kunt u niet,
            kun je niet, van tevoren, verzetten of afzeggen, nieuw tijdstip, nieuwe
            datum, uw verblijf, tweepersoonskamer, inchecken vanaf, gratis annuleren,
            oudergesprek, tienminutengesprek, aanwezig ja, proefrit, bezichtiging, tafel
            voor, tot maandag, tot dinsdag, verhinderd
        """,
        weak="""
            verplaatst, verzet, geaccepteerd, afgewezen, herinnering, agenda,
            deelnemers, deelnemen, wanneer, waar, uur, maandag, dinsdag, woensdag,
            donderdag, vrijdag, praktijk, tandarts, huisarts, aanwezig, bijeenkomst,
            reservering, boeking, dokter, controle, lokaal, kamer, ontbijt, balie,
            bezoek, les, zaal
        """,
        against="webinar, bezorging, je vlucht",
    ),
    "security": Genre(
        strong="""
            e-mailadres is gewijzigd, telefoonnummer is gewijzigd, heeft ingelogd,
            beveilig je account, verificatiecode, beveiligingscode, inlogcode,
            toegangscode, bevestigingscode, je code, uw code, eenmalige code, eenmalig
            wachtwoord, deel deze code, deel deze code nooit, deel deze code niet, deel
            deze code met niemand, wachtwoord opnieuw instellen, wachtwoord herstellen,
            wachtwoord resetten, wachtwoord gewijzigd, wachtwoord is gewijzigd, je
            wachtwoord, uw wachtwoord, nieuw wachtwoord, nieuwe aanmelding, nieuwe
            inlog, nieuw apparaat, onbekend apparaat, ingelogd, inlogpoging, verdachte
            activiteit, ongebruikelijke activiteit, beveiligingsmelding,
            beveiligingswaarschuwing, tweestapsverificatie, bevestig je e-mailadres,
            bevestig uw e-mailadres, was jij dit, was u dit, niet aangevraagd, als jij
            dit niet, inloglink, passkey, er is ingelogd, ingelogd vanaf, herken je dit
            niet, herkent u dit niet, was jij dit niet, was u dit niet, log overal uit,
            kies een ander, ander wachtwoord, tien minuten geldig, deel hem met niemand,
            vul hem in, gekoppeld, ongebruikelijke, uit een ander land, stel je
            wachtwoord, wachtwoord aangevraagd, account is actief, link verloopt,
            eenmalig
        """,
        weak="""
            wachtwoord, beveiliging, apparaat, inloggen, code, geldig, verloopt,
            locatie, browser, account, minuten, negeer, sessie, toegang, identiteit
        """,
        against="kortingscode, actiecode, met de code, postcode",
    ),
    "notifications": Genre(
        strong="""
            nieuw document, geüpload, heeft verplaatst, reageert niet, inleveren voor,
            uitleentermijn, bibliotheek, onderhoud, gepland onderhoud, automatisch
            antwoord, afwezig, afwezigheids-, storing, storingen, back-up, reservekopie,
            heeft gedeeld, met je gedeeld, met u gedeeld, toegewezen, aan je toegewezen,
            je verzoek, uw verzoek, je aanvraag, uw aanvraag, je melding, uw melding,
            ticket, uw ticket, je ticket, is bijgewerkt, bijgewerkt, mislukt, build,
            server, opslag, opslagruimte, bijna vol, gebruiksvoorwaarden, algemene
            voorwaarden, privacyverklaring, ondertekenen, te ondertekenen, ondertekend,
            taak, nieuwe taak, vermeldde je, heeft je genoemd, certificaat, boven deze
            regel, staat klaar om te downloaden, hersteld, incident, we hebben je
            melding, we hebben uw melding, zaaknummer, in behandeling, we hebben je
            vraag, niet bereikbaar, weer bereikbaar, mislukt op, is mislukt, met fouten,
            drempel, werkzaamheden, kan de verbinding, geen water, stroomstoring,
            meterstand, meterstanden, moet terug, moeten terug, ligt klaar, nieuw
            bericht in, log in om te lezen, heeft gewijzigd, goedgekeurd, afgewezen,
            nieuwe versie, voorwaarden, ter ondertekening, bekijk het logboek, krijgt
            bericht
        """,
        weak="""
            melding, waarschuwing, bericht, update, status, rapport, project, verzoek,
            voltooid, opgelost, dienst, deadline, aanvraag, monteur, server, dossier,
            taak, taken, bibliotheek, portaal, netwerk, versie, gemeente
        """,
    ),
    "newsletters": Genre(
        strong="""
            elke week, elke maand, elke zondag, deze maand, nieuwsbrief, -nieuwsbrief,
            newsletter, deze week, editie, in deze editie, in dit nummer, in deze
            nieuwsbrief, weekoverzicht, het nieuws, nieuws van, lees online, bekijk
            online, bekijk in browser, bekijk in je browser, lees verder, goedemorgen,
            beste lezer, beste lezers, redactioneel, nieuwe aflevering, leestip,
            leestips, het belangrijkste, maandbrief, weekbrief, in deze aflevering,
            lieve lezers, beste leden, beste vrienden, brief, nieuws uit, kijktips,
            maandoverzicht, het programma van, terugblik, column, nieuw op de blog, tot
            zondag, reacties op vorige, minuten lezen, agenda
        """,
        weak="""
            lees meer, abonnee, abonnees, abonnement, wekelijks, dagelijks, maandelijks,
            artikel, artikelen, column, redactie, podcast, interview, lezen, verhalen,
            nieuws, nieuwtjes, actueel, tips, recept, recepten, mening, lezers,
            aflevering, podcasts, tentoonstelling, lezing, verhaal, leden, blog
        """,
        against="shop nu, koop nu, kortingscode",
    ),
    "promotions": Genre(
        strong="""
            goedkoper, van ons cadeau, cadeau bij, twee voor, aanbieding, aanbiedingen,
            korting, kortingen, -korting, kortingscode, actiecode, met de code,
            uitverkoop, sale, actie, onze actie, acties, alleen vandaag, alleen dit
            weekend, alleen deze week, laatste kans, laatste dag, laatste dagen, eindigt
            vandaag, shop nu, shop de, koop nu, bestel nu, gratis verzending, gratis,
            profiteer, profiteer nu, profiteer van, nieuwe collectie, winkelmandje,
            winkelmand, cadeaubon, cadeaukaart, halve prijs, voor de helft, tweede
            gratis, probeer gratis, mis het niet, op alles, exclusief voor, prijsdaling,
            doneer, donatie, vroegboek-, op is op, actie loopt, laatste stuks, voor
            niets, erbij voor, gratis bij, eerste maand gratis, boek nu, tweede halve
            prijs, 1 plus 1, vanaf slechts, geen inschrijfgeld, doneer nu, steun ons,
            word lid, spaarpunten, speciaal voor jou, wees er snel bij
        """,
        weak="""
            bespaar, prijs, prijzen, exclusief, collectie, winkel, ontdek, geldig t/m,
            geldig tot, punten, voordeel, win, black friday, cadeau, nieuw binnen,
            afgeprijsd, maten, actie, seizoen
        """,
    ),
    "social": Genre(
        strong="""
            heeft bewaard, moedigt je aan, deelde je, vriendschapsverzoek,
            connectieverzoek, volgt je, volgt je nu, is je gaan volgen, nieuwe volger,
            nieuwe volgers, heeft gereageerd, heeft gereageerd op, reageerde op, vindt
            je, vond je foto, vindt je foto leuk, heeft je getagd, je bericht, je foto,
            je profiel, bekeek je profiel, heeft je profiel bekeken, stuurde je een
            bericht, nieuw bericht van, wil verbinding, jarig, mensen die je, je
            reactie, reageerde op je, vindt je foto, vinden je bericht, vindt je bericht
            leuk, noemde je, heeft je genoemd, wil je volgen, connectieverzoeken, je
            profiel is, in je buurt, nieuw in je buurt, heeft je vraag beantwoord, jij
            bent aan de beurt, is jarig, in het klassement, bekijk het gesprek, heeft je
            uitgedaagd
        """,
        weak="""
            vrienden, volgers, reactie, reacties, foto, profiel, groep, netwerk, leden,
            community, leuk, bericht, buurt, buren, badge
        """,
    ),
    "forums": Genre(
        strong="mailinglijst, nieuw onderwerp, reactie in het onderwerp",
        weak="forum, schreef",
    ),
    "personal": Genre(
        strong="""
            tot snel, tot morgen, tot dan, hoe gaat het, hoe is het, heb je zin, kun je,
            kan je, zou je, laat maar weten, laat even weten, bel me, zoals besproken,
            in de bijlage, liefs, groetjes, veel liefs, mama, papa, oma, opa,
            gefeliciteerd, zullen we, kom je, ik neem, bedankt voor de, dikke kus
        """,
        weak="hoi, beste, groet, groeten, bedankt, ik, mij, mijn, hallo, heb, lieve",
    ),
    BULK: Genre(
        strong="""
            uitschrijven, afmelden, afmelden voor, je ontvangt deze, u ontvangt deze,
            bekijk in browser, voorkeuren aanpassen, geen e-mails meer
        """,
    ),
    BAIT: Genre(
        strong="""
            is geblokkeerd, wordt geblokkeerd, geblokkeerd, opgeschort, wordt
            opgeschort, is beperkt, bevestig je gegevens, bevestig uw gegevens,
            verifieer je, verifieer uw, bevestig uw identiteit, update uw gegevens, werk
            uw gegevens bij, binnen 24 uur, binnen 48 uur, douanekosten, invoerkosten,
            openstaande kosten, kon niet worden bezorgd, niet worden bezorgd, je hebt
            gewonnen, u heeft gewonnen, heractiveren, deblokkeren, onmiddellijk,
            voorkomen, nieuw rekeningnummer, nieuwe bankpas aanvragen, boete
        """,
        weak="dringend, geachte klant, beste klant, klik hier",
    ),
    PITCH: Genre(
        strong="""
            kort gesprek, kort belletje, kwartiertje, minuten tijd, onze diensten, onze
            oplossing, ons bureau, jouw website, je website, uw website, vindbaarheid,
            meer klanten, nieuwe klanten, jouw bedrijf, je bedrijf, uw bedrijf,
            vrijblijvend, samenwerking, een demo, kennismaking, gratis scan, bedrijven
            zoals, zoals dat van jou, ondernemers zoals jij, wij helpen, wij regelen,
            wij besparen, besparen gemiddeld, vrijblijvend voorstel, aan nieuwe klanten,
            betalen te veel, eerste pagina, gratis en vrijblijvende, onder de indruk,
            zag dat jullie, kwam jullie bedrijf, afvallen, zonder recept, geld
            verdienen, snel lenen, erfenis, dating
        """,
        weak="gegarandeerd, winnaar, miljoenen, kans, investeerders, omzet, seo, leads",
    ),
    DEMAND: Genre(
        strong="""
            betaal nu, betaal binnen, betaal direct, voldoe, bevestig uw, bevestig je,
            voer uw, voer je, pasnummer, pincode, uw rekeningnummer, rekeningnummer en,
            bankgegevens, inloggegevens, kaartgegevens, via de knop, via de link, klik,
            onderstaande link, log in om, valideer, cadeaukaarten, om het bedrag te
            ontvangen, koppel uw, koppel je, uw bankrekening, afrekenen, uw iban,
            geboortedatum, log in met uw bank, vul uw adres, betaalmethode, installeer,
            rond de betaling af
        """,
    ),
    THREAT: Genre(
        strong="""
            anders, anders gaat het, gaat het retour, gaat het terug, terug naar de
            afzender, wordt vernietigd, wordt afgesloten, wordt verwijderd, wordt
            gedeactiveerd, verloopt vandaag, reageer vandaag, vandaag nog betalen, 12
            uur, 24 uur, 48 uur, laatste aanmaning, laatste herinnering, laatste
            waarschuwing, beslaglegging, incasso, geblokkeerd, vastgehouden, staat nog,
            openstaand, onbetaalde, bezorging mislukt, mislukt, vervalt uw, vervalt de,
            na vrijdag, niet ontvangen, opnieuw worden gekoppeld, dit kan tot, te veel
            betaald, voor u klaar, onvolledig, geweigerd
        """,
    ),
    ASK: Genre(
        strong="""
            15 minuten, kwartiertje bellen, een kwartier, kwartier voor, mag ik, mag ik
            een, zal ik die sturen, zal ik, heb je deze week, heeft u deze week,
            interesse, even bellen, korte vraag, gesprek, ik mail nog even, niets
            hoorde, wie gaat er over
        """,
    ),
}
