"""Italian."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            hai pagato, la tua corsa, il tuo viaggio, stiamo preparando, abbiamo
            ricevuto il tuo ordine, fattura, la tua fattura, fattura elettronica,
            ricevuta, la tua ricevuta, ricevuta di pagamento, ordine, il tuo ordine, tuo
            ordine, suo ordine, conferma ordine, conferma d'ordine, conferma
            dell'ordine, numero ordine, numero d'ordine, ordine confermato, ordine
            spedito, grazie per il tuo ordine, grazie per il tuo acquisto, grazie per
            l'acquisto, tuo acquisto, spedizione, è stato spedito, abbiamo spedito,
            pacco, il tuo pacco, è in arrivo, in consegna, è stato consegnato,
            consegnato, consegna prevista, codice di tracciamento, traccia il pacco,
            tracking, scontrino, biglietto, i tuoi biglietti, il tuo biglietto,
            biglietto elettronico, rimborso, il tuo rimborso, reso, il tuo reso, pronto
            per il ritiro, pagamento ricevuto, in viaggio verso, è partita, è partito, è
            in viaggio, il corriere, corriere ha ritirato, punto di ritiro, totale
            pagato, pagato con, ti rimborseremo, metodo di pagamento, mostra il codice,
            documento fiscale, ricevuta fiscale, numero di tracciamento, collo, spese
            comprese, importo totale
        """,
        weak="""
            totale, consegna, importo, iva, subtotale, corriere, acquisto, articolo,
            articoli, quantità, pagato, spedito, volo, posto, partenza, indirizzo di
            spedizione, metodo di pagamento, biglietti, collo, carrozza, magazzino,
            ritiro, bottiglie
        """,
        against="""
            tuo carrello, nel carrello, sul prossimo ordine, prossimo acquisto
        """,
    ),
    "finance": Genre(
        strong="""
            hai ricevuto, ti ha inviato denaro, è disponibile sul tuo conto, accreditato
            sul, rimborso fiscale, estratto conto, tuo estratto conto, bonifico,
            bonifico ricevuto, bonifico eseguito, stipendio, busta paga, cedolino,
            addebito, addebito diretto, mutuo, rata, rata del mutuo, prestito, carta di
            credito, carta di debito, con la tua carta, saldo disponibile, saldo del
            conto, imposte, tasse, agenzia delle entrate, dichiarazione dei redditi,
            modello f24, certificazione unica, polizza, la tua polizza, assicurazione,
            premio assicurativo, sinistro, dividendo, dividendi, portafoglio,
            investimento, investimenti, pensione, fondo pensione, movimento sul conto,
            accredito, scadenza pagamento, rendiconto, avviso di pagamento, è arrivato
            un bonifico, bonifico di, ordinante, valuta, contabile, movimenti del, tra i
            movimenti, è stata usata la carta, pagamento presso, addebitato, accredito
            dello stipendio, premio annuo, scadenza della polizza, quote del fondo,
            versamento mensile, cassetto fiscale, f24, rimborso spese, tasso, ordine
            eseguito
        """,
        weak="""
            banca, conto, pagamento, saldo, carta, addebitato, accreditato, iban,
            interessi, operazione, contratto, filiale, scadenza, fiscale, beneficiario,
            transazione, bonifico, movimenti, conto corrente, rata, premio, quote,
            accredito, addebito, interesse
        """,
    ),
    "calendar": Genre(
        strong="""
            ti aspettiamo, la aspettiamo, nuovo appuntamento, cambia orario,
            appuntamento, il tuo appuntamento, suo appuntamento, conferma appuntamento,
            promemoria appuntamento, riunione, invito alla riunione, invito, ti invita
            a, sei invitato, ha accettato il tuo invito, ha rifiutato, è stata spostata,
            è stato spostato, nuovo orario, nuova data, cambio di orario, riunione
            annullata, colloquio, visita prenotata, le ricordiamo, ti ricordiamo
            l'appuntamento, aggiungi al calendario, carta d'imbarco, check-in aperto,
            prenotazione, la tua prenotazione, conferma di prenotazione, conferma
            prenotazione, prenotazione confermata, codice prenotazione, la sua visita,
            la tua visita, l'aspetta, spostata a, spostato a, non si terrà, se il nuovo
            orario, per disdire, disdire o spostare, entro il giorno prima, in caso di
            impedimento, colloquio con, il suo soggiorno, camera doppia, check-in dalle,
            cancellazione gratuita, parteciperai, prova su strada, tavolo per
        """,
        weak="""
            spostata, spostato, rinviata, rinviato, rimandata, rimandato, promemoria,
            calendario, agenda, partecipare, partecipanti, quando, dove, ore, lunedì,
            martedì, mercoledì, giovedì, venerdì, studio, dottor, dottoressa, visita,
            disdire, conferma, aula, orario, camera, colazione, piano, seduta, lezione,
            sportello
        """,
        against="webinar, consegna, il tuo volo",
    ),
    "security": Genre(
        strong="""
            indirizzo email è stato, qualcuno ha effettuato, proteggi il tuo account,
            link per accedere, codice di verifica, codice di sicurezza, codice di
            accesso, il tuo codice, codice monouso, codice otp, non condividere questo
            codice, non condividerlo, non condividere, reimposta la password,
            reimpostare la password, reimposta, reimpostazione della password, password
            modificata, password è stata, cambiato la password, la tua password, nuovo
            accesso, nuovo dispositivo, accesso da, tentativo di accesso, attività
            sospetta, attività insolita, avviso di sicurezza, allerta di sicurezza,
            verifica in due passaggi, due fattori, conferma la tua email, verifica la
            tua email, conferma il tuo indirizzo, non sei stato tu, non hai richiesto,
            non hai effettuato, link di accesso, hai aggiunto, chiave di accesso, se non
            sei stato tu, rimuovila subito, inseriscilo, una sola volta, scade tra, è
            stato registrato, è entrato, accesso insolito, da un altro paese, cambiare
            la password, il link vale, account è attivo, esci da tutti
        """,
        weak="""
            codice, password, verifica, sicurezza, accesso, accedi, dispositivo, scade,
            valido, browser, posizione, minuti, ignora, sessione, impronta, identità
        """,
        against="""
            codice sconto, codice promo, con il codice, usa il codice, codice fiscale
        """,
    ),
    "notifications": Genre(
        strong="""
            nuovo documento, documento caricato, caricato, ha spostato, bacheca, da
            restituire, prestito in scadenza, biblioteca, manutenzione, manutenzione
            programmata, risposta automatica, fuori sede, ha condiviso, condiviso con
            te, ti ha assegnato, ti ha menzionato, attività assegnata, la tua richiesta,
            tua richiesta, ticket, il tuo ticket, è stato aggiornato, è stata
            aggiornata, segnalazione, disservizio, interruzione, non raggiungibile,
            fallito, fallita, non riuscito, non riuscita, build, backup, server, spazio
            di archiviazione, quasi pieno, quasi esaurito, termini di servizio,
            condizioni d'uso, informativa sulla privacy, documento da firmare, da
            firmare, è pronto, certificato, in scadenza, sopra questa riga,
            ripristinato, abbiamo ricevuto la tua, abbiamo ricevuto la sua, la sua
            segnalazione, in lavorazione, non risponde, tornerà attivo, terminata con
            errori, allarme, soglia, sospensione idrica, mancanza d'acqua, lavori,
            lettura del contatore, scade il prestito, pronto per il ritiro, nuova
            comunicazione, presa visione, nel registro, ha modificato, approvata,
            rifiutata, nuova versione, numero di pratica, vedi il registro, sciopero
        """,
        weak="""
            avviso, notifica, aggiornamento, stato, rapporto, progetto, richiesta,
            completato, completata, risolto, servizio, assegnato, incidente, allarme,
            comunicazione, server, pratica, attività, biblioteca, prestito, portale,
            rete, versione, registro, classe
        """,
    ),
    "newsletters": Genre(
        strong="""
            ogni settimana, ogni domenica, questo mese, bollettino, newsletter, questa
            settimana, edizione, in questo numero, numero, rassegna, rassegna stampa, le
            notizie, notizie del giorno, leggi online, leggi nel browser, visualizza nel
            browser, continua a leggere, la lettera, buongiorno, cari lettori,
            editoriale, nuovo episodio, da leggere, buona lettura, della settimana, in
            questa puntata, care lettrici, cari soci, cari amici, questa settimana vi,
            rubrica, il numero di, lettera, da vedere, notizie dal, notizie da, il
            programma di, consigli di lettura, nuovo articolo, a domenica, resoconto,
            reportage, minuti di lettura
        """,
        weak="""
            leggi, leggi tutto, iscritto, iscritti, settimanale, quotidiano, mensile,
            articolo, articoli, rubrica, redazione, podcast, intervista, lettura,
            storie, notizie, novità, attualità, consigli, ricetta, ricette, opinione,
            lettori, puntata, episodio, agenda, mostra, incontro, soci, poesie, racconto
        """,
        against="acquista ora, codice sconto",
    ),
    "promotions": Genre(
        strong="""
            costa meno, offriamo noi, in omaggio, più conveniente, offerta, offerte,
            offerta speciale, offerta esclusiva, offerta limitata, sconto, sconti, di
            sconto, scontato, saldi, promozione, promozioni, promo, codice sconto, con
            il codice, usa il codice, spedizione gratuita, spedizione gratis, solo oggi,
            solo per oggi, ultime ore, ultimo giorno, ultimi giorni, ultima occasione,
            scade oggi, termina oggi, acquista ora, compra ora, approfitta,
            approfittane, nuova collezione, nuovi arrivi, novità, tuo carrello, nel
            carrello, buono regalo, carta regalo, in regalo, gratis, prova gratuita, non
            perdere, metà prezzo, a prezzi, su tutto, dona ora, donazione, solo fino a,
            fino a esaurimento, ultimi pezzi, ultimi posti, corri, corri a scegliere,
            affrettati, un regalo, è gratis, primo mese gratis, nessun vincolo, fai una
            donazione, sostieni, sostienici, cinque per mille, prezzo speciale, prenota
            entro, punti doppi, scopri la
        """,
        weak="""
            risparmia, acquista, prezzo, prezzi, esclusivo, esclusiva, collezione,
            negozio, scopri, fino al, punti, premio, vantaggi, black friday, regalo,
            sconto, taglie, offerta, conviene, promozione
        """,
    ),
    "social": Genre(
        strong="""
            ha salvato la tua, ha salvato il tuo, ha condiviso il tuo, piace la tua,
            richiesta di amicizia, richiesta di collegamento, ha commentato, ha
            commentato il tuo, ti segue, ha iniziato a seguirti, nuovo follower, nuovi
            follower, ha messo mi piace, piace il tuo, ti ha taggato, il tuo post, la
            tua foto, il tuo profilo, ha visitato il tuo profilo, ti ha inviato un
            messaggio, nuovo messaggio da, vuole collegarsi, ha risposto al tuo, ha
            reagito, compleanno, persone che potresti, tuo commento, richieste di
            amicizia, in sospeso, entrare in contatto, vuole entrare, ti ha menzionato,
            richieste di collegamento, nel tuo quartiere, ha risposto alla tua, tocca a
            te, compie gli anni, in classifica, ti ha sfidato
        """,
        weak="""
            amici, amico, follower, post, profilo, gruppo, rete, commento, foto, membri,
            comunità, quartiere, vicini, reazioni, amicizia, badge
        """,
    ),
    "forums": Genre(
        strong="lista di discussione, nuova discussione, risposta alla discussione",
        weak="forum, ha scritto",
    ),
    "personal": Genre(
        strong="""
            un abbraccio, abbracci, baci, un bacio, come stai, come va, come sta, ci
            vediamo, a domani, a presto, fammi sapere, fatti sentire, chiamami, ti
            mando, ti scrivo, puoi, potresti, ti va, come d'accordo, in allegato ti,
            mamma, papà, nonna, buon compleanno, che ne dici, mi fa piacere, grazie per
            le foto
        """,
        weak="""
            ciao, caro, cara, grazie, saluti, io, mi, mio, mia, sono, ho, cordiali
            saluti
        """,
    ),
    BULK: Genre(
        strong="""
            disiscriviti, disiscriversi, cancellati, annulla iscrizione, annulla
            l'iscrizione, cancella iscrizione, cancellare l'iscrizione, ricevi questa
            email, ricevi questa mail, ricevi questo messaggio, hai ricevuto questa,
            visualizza nel browser, gestisci preferenze, non desideri ricevere
        """,
    ),
    BAIT: Genre(
        strong="""
            è stato sospeso, verrà sospeso, sarà sospeso, sospeso, sospensione,
            bloccato, è stato bloccato, verrà bloccato, sarà bloccato, è stato limitato,
            verifica la tua identità, verifichi la sua identità, conferma i tuoi dati,
            confermi i suoi dati, aggiorna i tuoi dati, aggiorni i suoi dati, verifica
            il tuo conto, verifica il tuo account, entro 24 ore, entro 48 ore, spese
            doganali, dazi doganali, tassa doganale, non è stato possibile consegnare,
            in giacenza, hai vinto, riattivare, sbloccare, immediatamente, evitare,
            nuove coordinate bancarie, multa
        """,
        weak="urgente, gentile cliente, clicca qui, cliccare qui",
    ),
    PITCH: Genre(
        strong="""
            la contatto, ti contatto, vi contatto, una chiamata, breve chiamata,
            quindici minuti, minuti per, i nostri servizi, la nostra soluzione, la
            nostra agenzia, il tuo sito, il vostro sito, il suo sito, posizionamento,
            più clienti, nuovi clienti, la tua azienda, la vostra azienda, senza
            impegno, collaborazione, una demo, dimostrazione, consulenza gratuita,
            aiuto, aiutiamo imprese, imprese come la tua, aziende come la tua, come la
            tua, trovare nuovi clienti, vendere all'estero, senza intermediari, prezzo
            fisso, possiamo rifarlo, lo abbiamo analizzato, preventivo senza, non
            compare in prima pagina, prima pagina, analisi gratuita, dimagrire, senza
            ricetta, guadagnare, prestito, eredità, incontri
        """,
        weak="garantito, vincitore, milioni, opportunità, investitori, fatturato, seo",
    ),
    DEMAND: Genre(
        strong="""
            paga ora, versa, versa oggi, paghi, salda, inserisci i dati, inserisci il
            numero, dati della carta, numero della carta, il pin, dati bancari,
            coordinate bancarie, credenziali, conferma i tuoi, conferma l'indirizzo,
            conferma i dati, clicca, accedi per, tramite il link, link sottostante, per
            ricevere l'accredito, per lo sblocco, sblocco, convalida, carte regalo,
            servono iban, iban e documento, il tuo iban, effettua nuovamente, nuovamente
            il login, conferma le tue credenziali, le tue credenziali, completa
            l'indirizzo, data di nascita, metodo di pagamento, installa,
            inserisca iban, inserisca i, iban e carta, acceda subito, acceda ora,
            confermi i, verifichi i
        """,
    ),
    THREAT: Genre(
        strong="""
            altrimenti, in caso contrario, verrà rispedito, sarà restituito, torna al
            mittente, al mittente, verrà distrutto, verrà eliminato, verrà disattivato,
            trascorso il termine, scade oggi, scade tra 24 ore, entro oggi, 12 ore, 24
            ore, 48 ore, ultimo avviso, ultimo sollecito, pignoramento, maggiorazione,
            bloccata, bloccato, fermo in, fermo in dogana, in dogana, non pagata,
            restano da pagare, si chiude stasera, non riceverai più, casella al, ti
            spettano, hai due ore, due ore, incompleto, rifiutato, in scadenza oggi,
            entro 3 giorni, entro tre giorni, non riconosce l'operazione, non riconosci
            l'operazione
        """,
    ),
    ASK: Genre(
        strong="""
            15 minuti, due minuti, dieci minuti, ti va una chiamata, una chiamata
            giovedì, hai 15 minuti, avete, posso mandarvi, posso inviarla, posso
            inviarvi, posso mandarti, ti mostro, vi interessa, ti interessa, questa
            settimana per, parliamone, un preventivo, nel caso vi fosse sfuggita, chi si
            occupa
        """,
    ),
}
