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
            potwierdzenie płatności, płatność otrzymana
        """,
        weak="""
            razem, kwota, suma, do zapłaty, zapłacono, płatność, ilość, produkt,
            produkty, wysyłka, wysłane, kurier, paczkomat, adres dostawy, bilety, lot,
            miejsce, wylot, podróż, zakup, zakupu, sklep
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
            lokat-, emerytur-, zus, termin płatności, przypomnienie o płatności
        """,
        weak="""
            bank, banku, konto, konta, rachunku, transakcj-, środki, odsetki,
            oprocentowanie, wpłata, wypłata, iban, umowa, operacja, blik
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
            rezerwacji, karta pokładowa
        """,
        weak="""
            przypomnienie, przypominamy, termin, kalendarz, uczestnicy, kiedy, gdzie,
            godz, godzina, poniedziałek, wtorek, środa, środę, czwartek, piątek,
            gabinet, lekarz, dr, obecność, wydarzenie
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
            logowania, klucz dostępu
        """,
        weak="""
            kod, hasło, hasła, bezpieczeństwo, bezpieczeństwa, logowanie, logowania,
            urządzenie, ważny, wygasa, przeglądarka, lokalizacja, minut, zignoruj
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
            zadanie, certyfikat, wygaśnie, powyżej tej linii, przywrócono
        """,
        weak="""
            powiadomienie, alert, ostrzeżenie, aktualizacja, status, raport, projekt,
            zakończone, zakończono, rozwiązano, usługa, incydent
        """,
    ),
    "newsletters": Genre(
        strong="""
            co tydzień, co miesiąc, w każdą niedzielę, w tym miesiącu, newsletter,
            newslettera, biuletyn, w tym tygodniu, w tym numerze, w tym wydaniu,
            wydanie, numer, przegląd tygodnia, podsumowanie tygodnia, najważniejsze
            informacje, wiadomości dnia, czytaj online, zobacz w przeglądarce, czytaj
            dalej, dzień dobry, drodzy czytelnicy, od redakcji, nowy odcinek, warto
            przeczytać, do poczytania, prasówka
        """,
        weak="""
            czytaj więcej, czytaj, subskrybent, subskrypcja, prenumerata, tygodnik,
            codziennie, artykuł, artykuły, felieton, redakcja, podcast, wywiad, esej,
            eseje, zapisałeś się, zapisałaś się
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
            pół ceny, taniej, okazj-, black friday, przekaż darowiznę, wesprzyj
        """,
        weak="""
            oszczędź, oszczędzaj, cena, ceny, wyjątkowa, ekskluzywna, kolekcja, odkryj,
            punkty, nagroda, konkurs, korzyści, hit, zamów
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
            komentarz
        """,
        weak="""
            znajomi, znajomych, obserwujący, komentarz, komentarze, zdjęcie, profil,
            grupa, sieć, członkowie, społeczność, post
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
            poniższy link, zweryfikuj, aby ją odblokować, karty podarunkowe
        """,
    ),
    THREAT: Genre(
        strong="""
            inaczej, w przeciwnym razie, w przeciwnym wypadku, wróci do nadawcy, do
            nadawcy, zostanie zwrócona, zostanie usunięte, zostanie zablokowane,
            zostanie zniszczona, wygasa dziś, wygasa dzisiaj, jeszcze dziś, dziś aby, 12
            godzin, 24 godzin, 48 godzin, ostatnie wezwanie, ostatnie ostrzeżenie,
            ostatnie przypomnienie, egzekucja, egzekucją, komornik, blokady,
            zablokowana, uniknąć, wstrzymana, brakuje, nieopłacony, do zapłaty pozostało
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
