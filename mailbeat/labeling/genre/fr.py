"""French."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            nous préparons vos, total réglé, votre course, votre trajet, préparation de
            votre, a été remis, facture, votre facture, ta facture, reçu, votre reçu,
            reçu de paiement, votre commande, ta commande, confirmation de commande,
            commande confirmée, commande expédiée, numéro de commande, merci pour votre
            commande, merci pour votre achat, votre achat, votre colis, ton colis, votre
            livraison, a été expédié, a été expédiée, est en route, en cours de
            livraison, a été livré, a été livrée, expédition, numéro de suivi, suivre
            mon colis, suivi de colis, bon de livraison, billet électronique, vos
            billets, votre billet, votre voyage, remboursement effectué, votre
            remboursement, votre retour, point relais, prêt à être retiré, ticket de
            caisse, paiement reçu, récapitulatif de commande, justificatif d'achat, part
            demain, est parti, est partie, a quitté, quitté l'atelier, quitté notre
            entrepôt, le livreur, à retirer, sur présentation, réglé par, payé par, prix
            total, remboursement en cours, présentez ce, voiture, place, reçu de don,
            pourboire
        """,
        weak="""
            commande, commandé, livraison, livré, montant, total, remboursement, tva,
            sous-total, colis, expédié, article, articles, quantité, payé, achat,
            billet, billets, vol, siège, départ, adresse de livraison, transporteur,
            mode de paiement, panier, livreur, expédition, réglé, place, trajet, gare,
            quai, retrait
        """,
        against="votre panier, sur votre prochaine commande",
    ),
    "finance": Genre(
        strong="""
            vous avez reçu, a été crédité, remboursement a été, versement, relevé de
            compte, votre relevé, relevés, e-relevé, virement, virement reçu,
            prélèvement, prélèvements, avis de prélèvement, sera prélevé, sera prélevée,
            salaire, bulletin de paie, fiche de paie, bulletin de salaire, impôts,
            impôt, avis d'imposition, déclaration de revenus, solde de votre compte,
            votre solde, carte bancaire, votre carte, crédit immobilier, votre prêt,
            assurance, votre contrat d'assurance, attestation d'assurance, cotisation,
            cotisations, échéancier, avis d'échéance, échéance, mutuelle, remboursement
            de soins, sinistre, dividende, dividendes, portefeuille, épargne, livret,
            retraite, paiement par carte, opération, découvert, taxe foncière, taxe
            d'habitation, relevé d'identité, quittance de loyer, vient de partir vers
            votre compte, remboursement de, soins du, décompte, décomptes, espace
            adhérent, tiers payant, opération effectuée, faites opposition, avis
            d'opération, versement programmé, taux, échéance de votre, bulletin,
            coffre-fort numérique, virement prévu, relevé annuel, ordre exécuté, parts
        """,
        weak="""
            banque, compte, paiement, solde, crédit, débit, contrat, mensualité,
            intérêts, conseiller, prélevé, fiscal, fiscale, iban, titulaire,
            bénéficiaire, transaction, remboursement, versement, épargne, mutuelle,
            cotisation, taux, montant, opération, avis, parts
        """,
    ),
    "calendar": Genre(
        strong="""
            nous vous attendons, nouveau créneau, autre créneau, rendez-vous, votre
            rendez-vous, rappel de rendez-vous, rappel de votre, confirmation de
            rendez-vous, réunion, invitation à une réunion, invitation, vous invite à,
            êtes invité, a accepté votre invitation, a refusé, reporté au, reportée au,
            a été déplacé, a été reporté, nouvel horaire, nouvelle date, annulation de
            rendez-vous, entretien prévu, votre visite, ajouter au calendrier, carte
            d'embarquement, enregistrement ouvert, référence de dossier, votre
            réservation, confirmation de réservation, réservation confirmée, votre
            séjour, vous recevra, on se voit, créneau, votre créneau, libérer le
            créneau, en cas d'empêchement, la veille, un jour avant, carte vitale,
            appelez-nous, se tiendra, séjour, chambre double, petit déjeuner, arrivée à
            partir de, annulation gratuite, réunion parents, rappel rendez-vous, essai
            routier, visite du logement, embarquement
        """,
        weak="""
            déplacé, est reporté, est reportée, calendrier, agenda, participer, rappel,
            rdv, accepter, refuser, quand, lieu, heure, lundi, mardi, mercredi, jeudi,
            vendredi, cabinet, docteur, dr, annuler ou modifier, présence, réservation,
            étage, salle, horaire, annuler, déplacer, examens, chambre, arrivée, départ,
            visio, séance
        """,
        against="webinaire, livraison, votre vol",
    ),
    "security": Genre(
        strong="""
            adresse e-mail a été, adresse email a été, numéro a été modifié, sécurisez
            votre compte, fait ce changement, s'est connecté, lien de connexion, code de
            vérification, code de sécurité, code de connexion, code de confirmation,
            votre code, code à usage unique, ne partagez pas ce code, ne partagez
            jamais, ne communiquez jamais, mot de passe oublié, votre mot de passe,
            réinitialiser votre mot, réinitialisez votre mot, réinitialisation,
            réinitialisation du mot de, mot de passe modifié, modifié votre mot, changez
            votre mot de, mot de passe a été, nouvelle connexion, nouvel appareil,
            connexion depuis, connexion inhabituelle, tentative de connexion, activité
            suspecte, activité inhabituelle, alerte de sécurité, double
            authentification, authentification à deux facteurs, confirmez votre adresse,
            vérifiez votre adresse, n'était pas vous, n'est pas vous, êtes pas à
            l'origine, clé d'accès, vient d'être modifié, a été modifié, a été modifiée,
            à l'origine de, si vous êtes à l'origine, si ce n'est pas vous, si ce
            n'était pas vous, reprenez la main, s'est connectée, valable une heure, ne
            le communiquez, ne le partagez, saisissez-le, une seule fois, activer votre
            compte, depuis un autre pays, nous avons bloqué, toutes les sessions
        """,
        weak="""
            vérification, sécurité, appareil, connexion, code, mot de passe, valable,
            expire, identifiant, navigateur, minutes, ignorez, session, accès
        """,
        against="code promo, avec le code, code postal",
    ),
    "notifications": Genre(
        strong="""
            nouveau document, document ajouté, a été ajouté, a déplacé, à rendre avant,
            retour de prêt, document emprunté, médiathèque, maintenance prévue,
            maintenance, maintenance programmée, réponse automatique, absence,
            sauvegarde, votre demande, votre ticket, ticket mis à jour, mise à jour de
            votre demande, vous a attribué, vous a assigné, a partagé, partagé avec
            vous, a été mis à jour, incident, interruption de service, panne, espace de
            stockage, stockage presque plein, expire bientôt, conditions générales,
            politique de confidentialité, document à signer, à signer, échec, a échoué,
            build, serveur, export est prêt, rapport est prêt, vous a mentionné,
            nouvelle tâche, tâche, dossier mis à jour, certificat, au-dessus de cette
            ligne, rétabli, nous avons bien reçu, bien reçu votre demande, votre
            signalement, en cours de traitement, ne répond plus, ne répond pas,
            indisponible, échec du, s'est terminé, alerte, seuil, acquitter, coupure
            d'eau, coupure de courant, coupure, travaux, interruption, relevé de
            compteur, à rendre, à rapporter, disponible à l'accueil, nouveau message
            dans, connectez-vous pour lire, a modifié, a été approuvé, a été refusé,
            nouvelle version, conditions d'utilisation, à relire
        """,
        weak="""
            notification, alerte, avis, mise à jour, demande, statut, rapport, projet,
            terminé, résolu, service, suivi, incident, sonde, serveur, dossier,
            traitement, médiathèque, tâche, tableau, portail, réseau, version
        """,
    ),
    "newsletters": Genre(
        strong="""
            chaque mois, tous les dimanches, ce mois-ci, newsletter, lettre
            d'information, infolettre, la lettre, la lettre de, cette semaine, au
            sommaire, sommaire, édition, dans cette édition, dans ce numéro, numéro, à
            la une, à lire, à lire aussi, lire la suite, lire en ligne, lire l'article,
            voir dans le navigateur, l'essentiel, l'actualité, revue de presse, édito,
            chaque semaine, chers lecteurs, chères lectrices, nouvel épisode, la
            matinale, bonne lecture, au programme, chers adhérents, chers amis, lettre
            n, à voir, compte rendu, retour sur, des nouvelles de, nos recommandations,
            l'actualité de, le récap, nouvel article
        """,
        weak="""
            hebdo, hebdomadaire, quotidien, mensuel, abonné, abonnés, abonnement,
            articles, lecture, chronique, reportage, rédaction, podcast, archives,
            inscrit, actualités, actualité, nouvelles, infos, conseils, recette,
            recettes, enquête, portrait, opinion, lecteurs, agenda, exposition,
            conférence, épisode, article, lettre, édition
        """,
        against="j'en profite, acheter, code promo",
    ),
    "promotions": Genre(
        strong="""
            moins cher, de moins sur, à moitié prix, on vous offre, désinscription,
            promotion, promotions, promo, soldes, offre, offres, offre spéciale, offre
            exclusive, offre limitée, réduction, réductions, code promo, remise, ventes
            privées, vente privée, vente flash, profitez, profitez de, j'en profite,
            livraison offerte, livraison gratuite, derniers jours, dernier jour,
            dernière chance, dernières heures, se termine, jusqu'à minuit, avec le code,
            bon d'achat, carte cadeau, nouvelle collection, votre panier, prix réduits,
            petit prix, petits prix, sur tout le site, bons plans, faire un don, votre
            don, essai gratuit, offert, offerte, en exclusivité, nouveautés, prix
            barrés, prix mini, prix cassés, en promotion, jusqu'à épuisement, plus que
            quelques, cadeau, pour nous, profitez-en, découvrez, en avant-première, mois
            offert, sans frais, faites un don, soutenez, parrainez, s'applique au moment
            de payer, ne tardez pas, commandez, réservez avant, à saisir
        """,
        weak="""
            gratuit, gratuite, prix, économisez, collection, exclusif, exclusive,
            cadeau, boutique, découvrez, découvrir, acheter, shopping, jusqu'à,
            avantage, fidélité, tailles, nouveautés, moins cher, points, essai, tarif,
            commandez, réservez
        """,
    ),
    "social": Genre(
        strong="""
            a enregistré votre, a partagé votre, vous félicite, demande d'ami, demande
            de contact, a commenté, a commenté votre, vous suit, vous suit maintenant, a
            commencé à vous suivre, nouvel abonné, nouveaux abonnés, a aimé, a aimé
            votre, aime votre, vous a identifié, vous a identifiée, votre publication,
            votre photo, votre profil, a consulté votre profil, nouveau message de, vous
            a envoyé un message, souhaite se connecter, rejoindre votre réseau, a réagi,
            personnes que vous, anniversaire, votre commentaire, a répondu à votre,
            s'est abonné, s'est abonnée, abonnés, en retour, ont aimé, aiment votre, ont
            réagi, vous a mentionné, vous a mentionnée, invitation à rejoindre,
            souhaitent rejoindre, chez vos voisins, dans votre quartier, c'est votre
            tour, fête son anniversaire, au classement
        """,
        weak="""
            amis, ami, publication, profil, groupe, réseau, commentaire, photo, membres,
            communauté, mention, abonné, voisins, quartier, réactions, badge
        """,
    ),
    "forums": Genre(
        strong="""
            liste de diffusion, liste de discussion, nouveau sujet, réponse au sujet
        """,
        weak="forum, a écrit",
    ),
    "personal": Genre(
        strong="""
            bisous, bises, je t'embrasse, à bientôt, à demain, à très vite, comment
            vas-tu, comment ça va, tu viens, tu peux, peux-tu, pourrais-tu, dis-moi,
            appelle-moi, bien à vous, bien à toi, comme convenu, ci-joint, joyeux
            anniversaire, maman, papa, est-ce que tu, on se voit, j'espère que tu, merci
            pour les photos, je passe
        """,
        weak="""
            salut, coucou, cher, chère, merci, cordialement, amicalement, je, moi, mon,
            ma, mes, j'ai, je suis
        """,
    ),
    BULK: Genre(
        strong="""
            désabonner, se désabonner, désabonnement, désinscrire, se désinscrire,
            désinscription, vous recevez cet, vous recevez ce, cet e-mail a été envoyé,
            voir dans le navigateur, gérer vos préférences, ne plus recevoir
        """,
    ),
    BAIT: Genre(
        strong="""
            sera suspendu, a été suspendu, suspendu, suspension, a été limité, sera
            fermé, sera bloqué, a été bloqué, compte bloqué, confirmez vos informations,
            confirmez votre identité, vérifiez votre identité, mettez à jour vos, mettre
            à jour vos, vérifiez votre compte, sous 24 heures, sous 48 heures, sous 24h,
            sous 48h, frais de douane, frais de livraison impayés, frais de port, n'a
            pas pu être livré, en attente de paiement, régularisez, régulariser, vous
            avez gagné, nouveau rib, coordonnées bancaires, immédiatement, éviter,
            réactiver, renouveler votre carte vitale, remboursement en attente, amende
        """,
        weak="urgent, cher client, cliquez ici, cliquez",
    ),
    PITCH: Genre(
        strong="""
            je me permets de, je me permets, un appel de, échange de, quinze minutes,
            nos services, notre solution, notre agence, votre site, votre site web,
            référencement, plus de clients, nouveaux clients, votre visibilité, votre
            entreprise, sans engagement, suite à mon précédent, prospects, une démo,
            démonstration, partenariat, seriez-vous disponible, audit gratuit, vous
            coûtent des clients, trouver de nouveaux clients, sociétés comme la vôtre,
            entreprises comme la vôtre, nous aidons, nous négocions, faisons gagner,
            analyse offerte, vidéo d'analyse, première page, j'ai découvert votre
            entreprise, j'ai parcouru votre, pour des pme, maigrir, sans ordonnance,
            gagner de l'argent, crédit rapide, rachat de crédit, héritage, rencontres
        """,
        weak="""
            gagnant, garanti, millions, chiffre d'affaires, opportunité, investisseurs
        """,
    ),
    DEMAND: Genre(
        strong="""
            payez, réglez, régler les frais, remplissez le formulaire, remplissez,
            coordonnées bancaires, vos coordonnées, communiquez vos, saisissez votre
            numéro, numéro de carte, vos identifiants, identifiez-vous, confirmez,
            validez, via le lien, lien sécurisé, lien ci-dessous, cliquez, mettez à
            jour, cartes cadeaux, votre code pour, carte bancaire sur, avec votre carte
            bancaire, commandez la nouvelle, reconnectez-vous, complétez l'adresse,
            complétez vos, indiquez votre, votre iban, moyen de paiement, date de
            naissance, installez, sur notre site officiel
        """,
    ),
    THREAT: Genre(
        strong="""
            faute de quoi, sinon le colis, à défaut, sera retourné, être retourné, sera
            perdu, sera supprimé, sera désactivé, passé ce délai, avant ce soir, dès
            aujourd'hui, aujourd'hui pour éviter, 12 heures, 24 heures, 48 heures, 24 h,
            48 h, dernier rappel, dernier avis, dernière relance, majoration, huissier,
            bloquée, bloqué, suspendu, arrive à échéance, expire aujourd'hui, retenu, en
            attente, impayée, impayé, restent à payer, vous risquez, seront effacés,
            sera effacé, plus valable, n'est plus valable, saturé, dans la nuit, n'ont
            pas été remis, il manque, est reparti, nouvelle présentation, à partir de
            lundi
        """,
    ),
    ASK: Genre(
        strong="""
            15 minutes, dix minutes, auriez-vous, un appel, pour un appel, cette semaine
            pour, puis-je vous, puis-je vous l'envoyer, est-ce que cela vous intéresse,
            cela vous intéresse, vous intéresse, en discuter, pour en discuter,
            seriez-vous, je peux vous envoyer, interlocuteur, me permets de vous
            relancer, vous relancer, votre interlocuteur
        """,
    ),
}
