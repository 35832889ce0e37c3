"""Polish."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            dostarczony, dostarczono, doręczono, twój przejazd, zapłaciłeś, zapłaciłaś,
            przyjęliśmy zamówienie, faktura, faktury, fakturę, twoja faktura, faktura
            vat, e-faktura, paragon, rachunek, rachunek za, zamówieni-, zamówień, twoje
            zamówienie, potwierdzenie zamówienia, numer zamówienia, zamówienie nr,
            złożenie zamówienia, dziękujemy za zakup, dziękujemy za zamówienie,
            dziękujemy za zakupy, twoje zakupy, potwierdzenie zakupu, przesyłk-, twoja
            przesyłka, paczk-, twoja paczka, została wysłana, zostało wysłane, zostało
            nadane, nadana, w drodze, w doręczeniu, dostarczona, doręczona, do odbioru,
            gotowa do odbioru, numer przesyłki, śledzenie przesyłki, kod odbioru,
            dostaw-, bilet, twój bilet, twoje bilety, zwrot środków, zwrot pieniędzy,
            potwierdzenie płatności, płatność otrzymana, paczka już w drodze, już w
            drodze, już jedzie, kurier, kurier odebrał, doręczenie, punkt odbioru,
            paczkomat, zapłacono, opłacono, blik-iem, razem, zwrot do nas, oddamy, na tę
            samą kartę, okaż kod, napiwek, w środku, opuści magazyn
        """,
        weak="""
            razem, kwota, suma, do zapłaty, zapłacono, płatność, ilość, produkt,
            produkty, wysyłka, wysłane, kurier, paczkomat, adres dostawy, bilety, lot,
            miejsce, wylot, podróż, zakup, zakupu, sklep, paczka, wagon, magazyn,
            odbiór, skrzynka, sztuk, karta
        """,
        against="""
            twój koszyk, w koszyku, kolejne zamówienie, następne zakupy
        """,
    ),
    "finance": Genre(
        strong="""
            otrzymałeś przelew, otrzymałaś przelew, wpłynęło, wpłynęły, zwrot nadpłaty,
            wyciąg, wyciąg z rachunku, wyciąg bankowy, zestawienie operacji, przelew,
            przelewu, przelew przychodzący, przelew wychodzący, wynagrodzeni-, pasek
            wynagrodzenia, odcinek wypłaty, lista płac, podatek, podatk-, pit-11, urząd
            skarbowy, zeznanie podatkowe, rozliczenie podatkowe, zwrot podatku, kredyt,
            kredytu, rata kredytu, rata, hipote-, karta kredytowa, karty kredytowej,
            twoją kartą, kartą, saldo, stan konta, dostępne środki, polisa, polisy,
            twoja polisa, ubezpieczeni-, składk-, szkoda, zgłoszenie szkody, dywidend-,
            inwestycj-, obciążenie rachunku, uznanie rachunku, polecenie zapłaty,
            lokat-, emerytur-, zus, termin płatności, przypomnienie o płatności, przelew
            od, jest już na koncie, tytuł przelewu, wynagrodzenie za, płatność kartą,
            użyto karty, jednostki funduszu, wpłata została zainwestowana, składka,
            składka roczna, odnowienie polisy, zeznanie, wypłata wpłynie,
            oprocentowanie, lokata, zlecenie wykonane, zwrot kosztów, emerytura, pit
        """,
        weak="""
            bank, banku, konto, konta, rachunku, transakcj-, środki, odsetki,
            oprocentowanie, wpłata, wypłata, iban, umowa, operacja, blik, przelew, rata,
            składka, fundusz, kwota, opłaty, ubezpieczenie
        """,
    ),
    "calendar": Genre(
        strong="""
            czekamy na ciebie, do zobaczenia w, inny termin, wizyt-, twoja wizyta,
            przypomnienie o wizycie, potwierdzenie wizyty, termin wizyty, umówiona
            wizyta, spotkani-, zaproszenie na, zaproszenie, zaprasza cię na, zaproszenie
            na spotkanie, zaakceptował, zaakceptowała, odrzucił, odrzuciła, przełożone,
            przełożona, przełożony, zmiana terminu, nowy termin, nowa data, odwołane
            spotkanie, odwołana wizyta, rozmowa kwalifikacyjna, dodaj do kalendarza,
            zebranie, potwierdzenie rezerwacji, rezerwacj-, twoja rezerwacja, numer
            rezerwacji, karta pokładowa, przypominamy o wizycie, wizyta w, wizycie,
            jeśli termin, jeżeli termin, dzień wcześniej, odwołać lub przełożyć,
            odwołać, przełożyć, przyjmie panią, przyjmie pana, gabinet, pobyt od, pokój
            dwuosobowy, zameldowanie od, bezpłatna rezygnacja, czy weźmiesz udział,
            jazda próbna, oglądanie mieszkania, stolik dla, zapraszamy na wizytę
        """,
        weak="""
            przypomnienie, przypominamy, termin, kalendarz, uczestnicy, kiedy, gdzie,
            godz, godzina, poniedziałek, wtorek, środa, środę, czwartek, piątek,
            gabinet, lekarz, dr, obecność, wydarzenie, wizyta, doktor, sala, pokój,
            śniadanie, stanowisko, zajęcia, lekcja, badanie
        """,
        against="webinar, dostawa, termin płatności",
    ),
    "security": Genre(
        strong="""
            zalogował się, zalogowała się, na twoje konto, adres e-mail został, to ty,
            zabezpiecz konto, link logowania, kod weryfikacyjny, kod bezpieczeństwa, kod
            logowania, kod dostępu, kod potwierdzający, twój kod, kod jednorazowy, hasło
            jednorazowe, nie udostępniaj, nie udostępniaj go, nie podawaj, nikomu nie
            podawaj, zresetuj hasło, resetowanie hasła, reset hasła, zmiana hasła, zmień
            hasło, hasło zostało zmienione, twoje hasło, nowe hasło, nowe logowanie,
            logowanie z nowego, nowego urządzenia, nowe urządzenie, próba logowania,
            zalogowano, podejrzana aktywność, nietypowa aktywność, alert bezpieczeństwa,
            weryfikacja dwuetapowa, uwierzytelnianie dwuskładnikowe, potwierdź adres
            e-mail, potwierdź swój adres, to nie ty, nie ty, nie prosiłeś, link do
            logowania, klucz dostępu, poprosił o nowe hasło, ustaw nowe, jeżeli to ty,
            jeżeli nie ty, jeśli to nie ty, jeżeli to nie ty, wpisz go, wygasa po,
            nikomu, zarejestrowano, nietypowe logowanie, z innego kraju, weryfikację
            dwuetapową, zresetuj, zmianę hasła, hasło zmieniono, konto będzie aktywne,
            link wygaśnie, link działa, jednorazowy
        """,
        weak="""
            kod, hasło, hasła, bezpieczeństwo, bezpieczeństwa, logowanie, logowania,
            urządzenie, ważny, wygasa, przeglądarka, lokalizacja, minut, zignoruj,
            sesja, dostęp, tożsamość, godziny
        """,
        against="kod rabatowy, kod promocyjny, z kodem, kod pocztowy",
    ),
    "notifications": Genre(
        strong="""
            nowy dokument, przesłano plik, dodano plik, przeniósł, przeniosła, nie
            odpowiada, termin zwrotu, do zwrotu, biblioteka, prace konserwacyjne,
            przerwa techniczna, planowana przerwa, konserwacj-, automatyczna odpowiedź,
            autoodpowiedź, nieobecność, kopia zapasowa, udostępnił, udostępniła,
            udostępniono ci, przypisał, przypisała, przypisano, przydzielono, wspomniał
            o tobie, zgłoszeni-, twoje zgłoszenie, numer zgłoszenia, zaktualizowano,
            zostało zaktualizowane, status zgłoszenia, awari-, niedostępny, nie powiodło
            się, nie powiodła się, błąd, niepowodzenie, build, serwer, miejsce na dysku,
            prawie pełny, regulamin, zmiana regulaminu, polityka prywatności, dokument
            do podpisu, do podpisania, podpisany, gotowy do pobrania, zadani-, nowe
            zadanie, certyfikat, wygaśnie, powyżej tej linii, przywrócono, otrzymaliśmy
            twoje, otrzymaliśmy państwa, numer sprawy, w toku, nie działa, nie powiódł
            się, zakończył się błędami, zapełniony, próg, przekroczony, alarm, prace
            techniczne, przerwa, brak wody, wyłączenie prądu, stan licznika, odczyt
            licznika, do odbioru w, nowa wiadomość w, zaloguj się aby przeczytać,
            przypisał ci, przypisała ci, zmienił, zatwierdzono, odrzucono, nowa wersja,
            do podpisu, zobacz dziennik, kolejne powiadomienie
        """,
        weak="""
            powiadomienie, alert, ostrzeżenie, aktualizacja, status, raport, projekt,
            zakończone, zakończono, rozwiązano, usługa, incydent, zgłoszenie, serwer,
            dysk, sprawa, zadanie, zadania, biblioteka, portal, sieć, wersja, host
        """,
    ),
    "newsletters": Genre(
        strong="""
            co tydzień, co miesiąc, w każdą niedzielę, w tym miesiącu, newsletter,
            newslettera, biuletyn, w tym tygodniu, w tym numerze, w tym wydaniu,
            wydanie, numer, przegląd tygodnia, podsumowanie tygodnia, najważniejsze
            informacje, wiadomości dnia, czytaj online, zobacz w przeglądarce, czytaj
            dalej, dzień dobry, drodzy czytelnicy, od redakcji, nowy odcinek, warto
            przeczytać, do poczytania, prasówka, drogie czytelniczki, drodzy członkowie,
            drodzy przyjaciele, dzień dobry w, wieści z, wieści ze, list, przegląd
            prasy, do czytania, lektury na, polecamy do, nowy wpis, do niedzieli,
            program na, relacja z, felieton, miłej lektury, przepis na
        """,
        weak="""
            czytaj więcej, czytaj, subskrybent, subskrypcja, prenumerata, tygodnik,
            codziennie, artykuł, artykuły, felieton, redakcja, podcast, wywiad, esej,
            eseje, zapisałeś się, zapisałaś się, wiadomości, aktualności, nowości,
            porady, przepis, opinia, czytelnicy, odcinek, wystawa, spotkanie, opowieść,
            numer, członkowie, linki, książki
        """,
        against="kup teraz, kod rabatowy",
    ),
    "promotions": Genre(
        strong="""
            w prezencie, drugi produkt, promocj-, oferta, oferty, oferta specjalna,
            rabat, rabatu, rabaty, zniżk-, wyprzedaż, wyprzedaży, kod rabatowy, kod
            promocyjny, z kodem, kupon, darmowa dostawa, darmową dostawę, tylko dziś,
            tylko dzisiaj, tylko teraz, tylko do, ostatnia szansa, ostatni dzień,
            ostatnie godziny, kończy się dziś, kup teraz, kupuj teraz, sprawdź ofertę,
            skorzystaj, nowa kolekcja, nowości, twój koszyk, w koszyku, karta
            podarunkowa, prezent, gratis, za darmo, wypróbuj za darmo, nie przegap, za
            pół ceny, taniej, okazj-, black friday, przekaż darowiznę, wesprzyj, do
            wyczerpania, ostatnie sztuki, ostatnie dni, póki są, łap, pospiesz się, za
            złotówkę, za grosz, drugi za, druga za, pierwszy miesiąc gratis, styczeń
            gratis, bez wpisowego, użyj kodu, cena specjalna, połowa ceny, zarezerwuj
            do, zamów teraz, wpłać darowiznę, przekaż, przekaż 1, podwójne punkty,
            odbierz rabat, tańsze
        """,
        weak="""
            oszczędź, oszczędzaj, cena, ceny, wyjątkowa, ekskluzywna, kolekcja, odkryj,
            punkty, nagroda, konkurs, korzyści, hit, zamów, rabat, rozmiary, sklep,
            oferta, prezent, promocja, sezon
        """,
    ),
    "social": Genre(
        strong="""
            zapisał twój, zapisała twój, udostępnił twój, kibicuje ci, zaproszenie do
            znajomych, zaproszenie do grona, skomentował, skomentowała, obserwuje cię,
            zaczął cię obserwować, zaczęła cię obserwować, nowy obserwujący, polubił,
            polubiła, lubi twoje, oznaczył cię, oznaczyła cię, twój post, twoje zdjęcie,
            twój profil, wyświetlił twój profil, wysłał ci wiadomość, wysłała ci
            wiadomość, nowa wiadomość od, chce dołączyć, odpowiedział na twój,
            odpowiedziała na twój, zareagował, urodziny, osoby, które możesz, twój
            komentarz, skomentował twój, skomentowała twoje, polubił twój, polubiła
            twoje, lubi twój, wspomniał o tobie, wspomniała o tobie, zaproszenia do
            kontaktów, dołączyć do twojej sieci, z twojej okolicy, odpowiedziała na
            twoje, odpowiedział na twoje, twoja kolej, ma dziś urodziny, w rankingu,
            rzucił ci wyzwanie
        """,
        weak="""
            znajomi, znajomych, obserwujący, komentarz, komentarze, zdjęcie, profil,
            grupa, sieć, członkowie, społeczność, post, sąsiedzi, okolica, reakcje,
            odznaka, trening
        """,
    ),
    "forums": Genre(
        strong="lista dyskusyjna, lista mailingowa, nowy wątek, odpowiedź w wątku",
        weak="forum, napisał, napisała, wątek",
    ),
    "personal": Genre(
        strong="""
            do zobaczenia, do jutra, co słychać, co u ciebie, jak się masz, daj znać,
            zadzwoń, czy możesz, możesz, mógłbyś, mogłabyś, wysyłam ci, przesyłam,
            całuję, ściskam, buziaki, uściski, wszystkiego najlepszego, mamo, tato,
            mama, tata, babcia, jak ustaliliśmy, masz ochotę, spotkamy się, w załączniku
            przesyłam, dzięki za
        """,
        weak="""
            cześć, hej, kochana, kochany, drogi, droga, pozdrawiam, pozdrowienia,
            dzięki, dziękuję, ja, mi, mnie, mój, moja, jestem, mam
        """,
    ),
    BULK: Genre(
        strong="""
            wypisz się, wypisać się, zrezygnuj z subskrypcji, rezygnacja z subskrypcji,
            anuluj subskrypcję, otrzymujesz tę, otrzymujesz ten, otrzymujesz tego,
            otrzymałeś tę, wiadomość została wysłana, zobacz w przeglądarce, zarządzaj
            preferencjami, nie chcesz otrzymywać
        """,
    ),
    BAIT: Genre(
        strong="""
            zostało zablokowane, zostanie zablokowane, zablokowane, zostało zawieszone,
            zostanie zawieszone, zawieszone, zawieszenie, zostało ograniczone,
            zweryfikuj swoje, zweryfikuj konto, potwierdź swoje dane, potwierdź dane,
            potwierdź tożsamość, zaktualizuj dane, zaktualizuj swoje, w ciągu 24 godzin,
            w ciągu 48 godzin, opłata celna, opłatę celną, dopłata, dopłatę, dopłać, nie
            mogła zostać dostarczona, nie może zostać dostarczona, wstrzymana, wygrałeś,
            odblokuj, odblokować, natychmiast, aby uniknąć, niedopłata, nowy numer
            konta, mandat
        """,
        weak="pilne, szanowny kliencie, drogi kliencie, kliknij, kliknij tutaj",
    ),
    PITCH: Genre(
        strong="""
            krótka rozmowa, krótką rozmowę, minut rozmowy, nasze usługi, naszą ofertę,
            nasze rozwiązanie, nasza agencja, twoja strona, twojej strony, państwa
            strona, państwa strony, państwa firma, państwa firmy, twojej firmy,
            pozycjonowanie, więcej klientów, nowych klientów, bez zobowiązań,
            współprac-, prezentacja, demo, bezpłatny audyt, pomagamy, pomagamy takim,
            zwiększać sprzedaż, zdobywać nowych klientów, państwa sklep, wycena jest
            bezpłatna, bezpłatna wycena, wolno się ładuje, możemy to poprawić, trafiłem
            na, pod wrażeniem, na pierwszej stronie, schudnij, odchudzanie, bez recepty,
            zarabiaj, szybka pożyczka, spadek po, randki
        """,
        weak="gwarantowane, zwycięzca, miliony, okazja, inwestorzy, sprzedaż, seo",
    ),
    DEMAND: Genre(
        strong="""
            zapłać, zapłać teraz, opłać, ureguluj, ureguluj należność, dopłać, potwierdź
            dane, potwierdź swoje, potwierdź adres, podaj numer, numer karty, dane
            karty, pin, dane logowania, hasło i, zaloguj się i, kliknij, przez link,
            poniższy link, zweryfikuj, aby ją odblokować, karty podarunkowe, wpisz dane,
            dane swojej karty, swojej karty, wpłać przez, szybką płatność, swój iban,
            data urodzenia, zainstaluj, zaloguj się dotychczasowym, uzupełnij adres,
            uzupełnij dane, metoda płatności
        """,
    ),
    THREAT: Genre(
        strong="""
            inaczej, w przeciwnym razie, w przeciwnym wypadku, wróci do nadawcy, do
            nadawcy, zostanie zwrócona, zostanie usunięte, zostanie zablokowane,
            zostanie zniszczona, wygasa dziś, wygasa dzisiaj, jeszcze dziś, dziś aby, 12
            godzin, 24 godzin, 48 godzin, ostatnie wezwanie, ostatnie ostrzeżenie,
            ostatnie przypomnienie, egzekucja, egzekucją, komornik, blokady,
            zablokowana, uniknąć, wstrzymana, brakuje, nieopłacony, do zapłaty
            pozostało, aby nie dopuścić, odłączenia, odłączenie, zaległość, przestaje
            działać, nie będą możliwe, po północy, do godziny, niekompletny, odrzucona
        """,
    ),
    ASK: Genre(
        strong="""
            15 minut, kwadrans, kwadrans na rozmowę, na rozmowę, w tym tygodniu, czy
            mogę, czy mogę zadzwonić, czy mogę go przesłać, czy znajdzie, czy znajdą,
            ponawiam wiadomość, nie dostałam odpowiedzi, nie dostałem odpowiedzi, czy są
            państwo zainteresowani, zainteresowany, krótkie pytanie, pytanie o
        """,
    ),
}
