"""Portuguese, of Portugal and of Brazil."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            a sua viagem com, sua corrida, pagou, estamos a preparar, recebemos o seu
            pedido, recebemos a sua encomenda, fatura, a sua fatura, sua fatura,
            factura, nota fiscal, recibo, seu recibo, a sua encomenda, sua encomenda,
            encomenda, encomenda enviada, o seu pedido, seu pedido, pedido confirmado,
            confirmação de encomenda, confirmação do pedido, número do pedido, número de
            encomenda, obrigado pela sua compra, obrigado pela sua encomenda, obrigado
            por comprar, obrigada pela, sua compra, foi enviada, foi enviado, foi
            entregue, saiu para entrega, a caminho, está a caminho, entregue, o seu
            envio, código de rastreio, código de rastreamento, rastrear, previsão de
            entrega, bilhete, bilhete eletrônico, os seus bilhetes, seus ingressos,
            ingresso, reembolso, seu reembolso, devolução, pronto para levantar, pronto
            para retirada, pagamento recebido, pagamento aprovado, comprovante de
            pagamento, comprovativo de pagamento, sua viagem, a sua viagem, sai hoje, já
            saiu, a transportadora, transportadora entrega, o entregador, entregador,
            ponto de recolha, você pagou, pago com, por pix, por mb way, total pago,
            valor total, obrigado pela compra, obrigada pela compra, a sua devolução,
            vamos reembolsar, meio de pagamento, mostre o código, gorjeta, comprovante
            de compra, cesta, cabaz
        """,
        weak="""
            total, subtotal, valor total, valor, iva, pago, compra, pedido, entrega,
            artigos, itens, quantidade, enviado, enviada, voo, assento, partida, morada
            de entrega, endereço de entrega, forma de pagamento, transportadora, frete,
            entregador, carruagem, lugar, armazém, recolha, cartão
        """,
        against="""
            seu carrinho, no carrinho, próxima compra, próxima encomenda
        """,
    ),
    "finance": Genre(
        strong="""
            você recebeu, recebeu uma transferência, enviou dinheiro, creditado na sua,
            restituição, extrato, extrato bancário, seu extrato, extrato de conta,
            extrato mensal, recibo de vencimento, recibo de salário, contracheque,
            holerite, salário, transferência, transferência recebida, pix recebido, pix,
            mb way, débito direto, débito automático, cartão de crédito, cartão de
            débito, com o seu cartão, no seu cartão, fatura do cartão, fatura do seu
            cartão, saldo disponível, saldo, crédito habitação, financiamento,
            empréstimo, prestação, imposto, impostos, imposto de renda, irs, declaração
            de irs, receita federal, finanças, autoridade tributária, seguro, seguro de,
            apólice, sua apólice, prémio do seguro, sinistro, dividendos, investimentos,
            investimento, carteira de investimentos, pensão, previdência, boleto,
            movimento na sua conta, débito na sua conta, compra de r, cartão final, no
            cartão, limite disponível, a fatura fecha, fatura fecha, movimentos, aporte,
            cotas, rendimento, comprovante, prémio anual, prêmio, renovação do seguro,
            salário será creditado, nota de liquidação, restituição do, você recebeu um
            pix, taxa de juro, reembolso de despesas
        """,
        weak="""
            banco, conta, pagamento, cartão, juros, iban, crédito, débito, vencimento,
            fiscal, transação, operação, agência, creditado, debitado, titular,
            contrato, compra, limite, prestação, seguro, fundo, valor
        """,
    ),
    "calendar": Genre(
        strong="""
            esperamos por si, esperamos você, contamos com a sua, outro horário, reunião
            de pais, a sua consulta, sua consulta, consulta marcada, consulta agendada,
            lembrete de consulta, confirmação de consulta, marcação, a sua marcação,
            agendamento, seu agendamento, reunião, convite para, convite para reunião,
            convite, foi convidado, você foi convidado, foi convidada, aceitou o
            convite, aceitou o seu convite, recusou, remarcada, remarcado, foi
            remarcada, foi adiada, nova data, novo horário, alteração de horário,
            reunião cancelada, entrevista, adicionar ao calendário, cartão de embarque,
            check-in aberto, a sua reserva, sua reserva, reserva confirmada, confirmação
            de reserva, lembramos a sua, lembrete, a sua sessão, para confirmar,
            escolher outro dia, desmarcar ou remarcar, remarcar, até à véspera, mudou de
            hora, a sua estadia, quarto duplo, check-in a partir, cancelamento grátis,
            vai participar, test drive, visita ao imóvel, mesa para, traga roupa
        """,
        weak="""
            adiada, adiado, lembrete, consulta, calendário, agenda, participar,
            participantes, quando, onde, horas, hora, segunda-feira, terça-feira,
            quarta-feira, quinta-feira, sexta-feira, clínica, consultório, dr, dra,
            aceitar, recusar, remarcar, compareça, presença, reserva, sessão, doutora,
            sala, horário, quarto, pequeno-almoço, balcão, visita, aula
        """,
        against="webinar, entrega, o seu voo",
    ),
    "security": Genre(
        strong="""
            e-mail foi alterado, endereço foi alterado, iniciou sessão, proteja a sua
            conta, proteja sua conta, link de acesso, código de verificação, código de
            segurança, código de acesso, seu código, o seu código, código de
            confirmação, código de uso único, não partilhe este código, não partilhe,
            não compartilhe este código, não compartilhe, redefinir senha, redefinir a
            senha, redefinir sua senha, redefinir palavra-passe, redefinir a
            palavra-passe, redefina a sua, palavra-passe alterada, senha alterada, senha
            foi alterada, sua senha, palavra-passe foi alterada, a sua palavra-passe,
            nova senha, novo início de sessão, início de sessão, novo login, novo
            acesso, novo dispositivo, tentativa de login, tentativa de acesso, atividade
            suspeita, atividade incomum, alerta de segurança, verificação em duas
            etapas, verificação em dois passos, dois fatores, confirme seu e-mail,
            confirme o seu e-mail, confirme o seu endereço, não foi você, não foi o
            próprio, se não foi, não solicitou, não pediu, para entrar, vale por, só uma
            vez, uma única vez, nunca passe, se você não pediu, se não foi você, não
            foste tu, digite para, foi registado, foi cadastrado, tentou entrar, de
            outro país, redefinir, mudar a senha, conta fica ativa, o link expira, o
            link vale, chave de acesso, sair de todos
        """,
        weak="""
            código, senha, palavra-passe, segurança, acesso, dispositivo, expira,
            válido, sessão, navegador, localização, minutos, ignore, identidade
        """,
        against="""
            código promocional, código de desconto, com o código, código postal, cupom
        """,
    ),
    "notifications": Genre(
        strong="""
            novo documento, foi carregado, carregou, moveu, devolver até, prazo de
            devolução, biblioteca, manutenção, manutenção programada, resposta
            automática, fora do escritório, cópia de segurança, partilhou, compartilhou,
            partilhado consigo, compartilhado com você, atribuiu, atribuída a, atribuído
            a, foi atribuída, mencionou, seu pedido de suporte, pedido de suporte, sua
            solicitação, a sua solicitação, seu chamado, chamado, ticket, foi
            atualizado, foi atualizada, interrupção, indisponível, fora do ar, falhou,
            falha no, falha na, build, compilação, servidor, espaço de armazenamento,
            quase cheio, termos de uso, termos de serviço, política de privacidade,
            documento para assinar, assinatura pendente, assinado, está pronto, nova
            tarefa, tarefa, certificado, acima desta linha, restabelecido, incidente,
            recebemos a sua, recebemos o seu, número do processo, em análise, não
            responde, voltou ao normal, terminou com erros, limite excedido, alerta,
            corte de água, corte de luz, falta de água, manutenção da, pode falhar,
            leitura do contador, termina o empréstimo, pronto para levantar, nova
            mensagem no, entre no portal, atribuiu-lhe, atribuiu a você, compartilhou
            com você, partilhou consigo, alterou, aprovado, rejeitado, nova versão, para
            assinar, ver o registo, dúvidas na
        """,
        weak="""
            aviso, alerta, notificação, atualização, estado, status, relatório, projeto,
            concluído, concluída, resolvido, serviço, não responde, prazo, servidor,
            solicitação, chamado, processo, tarefa, tarefas, biblioteca, empréstimo,
            portal, rede, versão, condomínio, portaria, bomba
        """,
    ),
    "newsletters": Genre(
        strong="""
            todas as semanas, toda semana, todos os domingos, este mês, newsletter,
            boletim, esta semana, edição, nesta edição, neste número, resumo da semana,
            resumo semanal, as notícias, notícias do dia, ler online, leia online, ver
            no navegador, ver no browser, continue lendo, continuar a ler, bom dia,
            caros leitores, caro leitor, editorial, novo episódio, para ler, boa
            leitura, o essencial, em destaque, a carta, queridos leitores, caros sócios,
            caros amigos, carta, esta semana escrevo, leituras para, leituras longas, o
            que ler, notícias da, notícias do, programação de, relato, crónica, crônica,
            novo artigo, até domingo, minutos de leitura, a fotografia
        """,
        weak="""
            leia mais, ler mais, assinante, assinantes, subscritor, semanal, diário,
            mensal, artigo, artigos, crónica, crônica, coluna, redação, podcast,
            entrevista, leitura, notícias, novidades, atualidade, dicas, receita,
            receitas, opinião, leitores, episódio, agenda, exposição, palestra,
            leituras, sócios
        """,
        against="compre agora, comprar agora, código de desconto",
    ),
    "promotions": Genre(
        strong="""
            por nossa conta, mais barato, oferecemos, leva outro, descadastrar,
            promoção, promoções, oferta, ofertas, oferta especial, oferta exclusiva,
            desconto, descontos, de desconto, saldos, liquidação, cupom, cupão, código
            promocional, código de desconto, com o código, portes grátis, portes
            gratuitos, frete grátis, só hoje, somente hoje, apenas hoje, últimas horas,
            último dia, últimos dias, última oportunidade, última chance, termina hoje,
            acaba hoje, compre agora, comprar agora, compre já, aproveite, aproveita,
            nova coleção, novidades, seu carrinho, no carrinho, cartão presente,
            vale-presente, grátis, experimente grátis, não perca, metade do preço, em
            todo o site, leve 3, poupe, economize, doe, donativo, só até, últimas
            unidades, antes que acabe, corra, pelo preço de, primeiro mês grátis, sem
            taxa de adesão, sem fidelidade, preço especial, reserve até, faça um
            donativo, faça uma doação, apoie, pontos em dobro, de oferta
        """,
        weak="""
            preço, preços, exclusivo, exclusiva, coleção, loja, descubra, descobre, até,
            pontos, prémio, prêmio, vantagens, black friday, presente, gratuito, poupe,
            economize, desconto, tamanhos, oferta, promoção
        """,
    ),
    "social": Genre(
        strong="""
            guardou a sua, salvou sua, partilhou a sua, compartilhou sua, pedido de
            amizade, solicitação de amizade, pedido de ligação, começou a seguir,
            começou a seguir-te, está seguindo você, está a seguir-te, segue-te, novo
            seguidor, novos seguidores, comentou, comentou a sua, comentou na sua,
            comentou no seu, gostou da sua, gostou do seu, curtiu, curtiu sua,
            identificou-te, marcou você, marcou-te, sua publicação, a tua publicação,
            sua foto, a tua foto, seu perfil, o teu perfil, viu seu perfil, visitou seu
            perfil, enviou uma mensagem, nova mensagem de, quer conectar-se, respondeu
            ao seu, reagiu, aniversário, pessoas que talvez, quer ser sua amiga, quer
            ser seu amigo, amigos em comum, aceite o pedido, gostaram da sua, curtiu
            seu, comentou sua, mencionou você, mencionou-te, convites de conexão, fazer
            parte da sua rede, o seu perfil, no seu bairro, respondeu à sua, é a sua
            vez, faz anos hoje, faz aniversário, no ranking, desafiou você
        """,
        weak="""
            amigos, amigo, seguidores, publicação, perfil, grupo, rede, comentário,
            foto, membros, comunidade, bairro, vizinhos, reações, emblema
        """,
    ),
    "forums": Genre(
        strong="lista de discussão, lista de e-mail, novo tópico, resposta no tópico",
        weak="fórum, escreveu",
    ),
    "personal": Genre(
        strong="""
            um abraço, abraços, beijos, beijinhos, um beijo, tudo bem, como estás, como
            vai, como você está, até amanhã, até logo, até breve, diz-me, me avisa,
            avisa-me, me liga, liga-me, te mando, mando-te, envio-te, podes, você pode,
            poderias, o que achas, o que acha, como combinado, combinámos, mãe, pai,
            avó, parabéns, segue em anexo o, vamos marcar, apetece-te, saudades,
            obrigado pelas fotos, obrigada pelas fotos
        """,
        weak="""
            olá, oi, querido, querida, obrigado, obrigada, cumprimentos, atenciosamente,
            eu, meu, minha, me, estou, tenho
        """,
    ),
    BULK: Genre(
        strong="""
            cancelar subscrição, cancelar a subscrição, cancelar inscrição, cancelar a
            inscrição, descadastrar, descadastre-se, anular subscrição, recebe este
            e-mail, recebeu este e-mail, recebes este e-mail, está recebendo este, está
            a receber este, ver no navegador, gerir preferências, gerenciar
            preferências, deixar de receber
        """,
    ),
    BAIT: Genre(
        strong="""
            foi suspensa, será suspensa, suspensa, suspensão, foi bloqueada, será
            bloqueada, bloqueada, bloqueado, foi limitada, verifique a sua identidade,
            verifique sua identidade, confirme os seus dados, confirme seus dados,
            atualize os seus dados, atualize seus dados, verifique a sua conta,
            verifique sua conta, em 24 horas, em 48 horas, de 24 horas, de 48 horas,
            taxa alfandegária, taxas alfandegárias, despesas alfandegárias, taxa de
            importação, não pôde ser entregue, retida, retido, ganhou, você ganhou,
            reativar, desbloquear, imediatamente, evitar, novos dados bancários, multa,
            regularize
        """,
        weak="urgente, caro cliente, prezado cliente, clique aqui, clique",
    ),
    PITCH: Genre(
        strong="""
            entro em contacto, entro em contato, uma chamada, uma conversa de, quinze
            minutos, minutos para, os nossos serviços, nossos serviços, nossa solução,
            nossa agência, seu site, o seu site, o vosso site, posicionamento, mais
            clientes, novos clientes, sua empresa, a sua empresa, a vossa empresa, sem
            compromisso, parceria, uma demonstração, demo, auditoria gratuita, ajudamos,
            ajudamos negócios, negócios como o seu, vender online, vender mais, a nossa
            agência, gerimos redes, sem fidelização, proposta de parceria, por mês sem,
            primeira página, análise gratuita, conheci a vossa, fiquei impressionado,
            emagrecer, sem receita, ganhar dinheiro, empréstimo rápido, herança, namoro
        """,
        weak="""
            garantido, vencedor, milhões, oportunidade, investidores, faturamento, seo
        """,
    ),
    DEMAND: Genre(
        strong="""
            pague, pague agora, quite, confirme cpf, confirme os, confirme o, confirme
            seus, dados bancários, dados do cartão, número do cartão, senha e, a senha
            para, informe o, informe seus, valide, valide sua, clique, pelo link, no
            link, link abaixo, para libertar, para receber, cartões-presente, introduza
            os, informe os dados, dados do cartão para, indique o nib, indique o, o
            cartão para, seu iban, data de nascimento, troque por, regularize por,
            complete a morada, complete o endereço, forma de pagamento, instale
        """,
    ),
    THREAT: Genre(
        strong="""
            caso contrário, senão, será devolvido, será devolvida, devolvida ao
            remetente, será desligado, será cancelada, será eliminada, será desativada,
            expira hoje, ainda hoje, hoje para, em até 24 horas, 12 horas, 24 horas, 48
            horas, à meia-noite, último aviso, última notificação, protesto, penhora,
            bloqueio, bloqueado, bloqueada, retida na, retido, falta pagar, não paga,
            para não perder, evite a suspensão, em atraso, expiram hoje, corte agendado,
            nas próximas horas, a receber, incompleta, recusado, ainda esta semana
        """,
    ),
    ASK: Genre(
        strong="""
            15 minutos, dez minutos, faz sentido conversarmos, conversarmos, podemos
            conversar, posso enviar, posso enviar a, posso ligar, tem 15 minutos, esta
            semana para, uma chamada, uma pergunta rápida, gostaria de apresentar, tem
            interesse, interessa, volto a escrever, não tive resposta, quem é o
            responsável
        """,
    ),
}
