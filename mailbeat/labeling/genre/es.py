"""Spanish."""

from mailbeat.labeling.genre import ASK, BAIT, BULK, DEMAND, PITCH, THREAT, Genre

WORDS = {
    "receipts": Genre(
        strong="""
            resumen de tu viaje, tu trayecto, tu viaje con, has pagado, preparando tu,
            factura, tu factura, su factura, factura electrónica, recibo, tu recibo,
            recibo de compra, pedido, tu pedido, su pedido, número de pedido,
            confirmación de pedido, confirmación del pedido, pedido confirmado, gracias
            por tu pedido, gracias por tu compra, gracias por su compra, tu compra, su
            compra, tu paquete, su paquete, tu envío, envío, ha sido enviado, hemos
            enviado, está en camino, en reparto, ha sido entregado, entregado, fecha de
            entrega, entrega prevista, número de seguimiento, seguimiento del envío,
            albarán, billete electrónico, tus billetes, tu billete, tus entradas,
            reembolso, tu reembolso, devolución, tu devolución, listo para recoger,
            comprobante de pago, comprobante de compra, pago recibido, tu viaje, ya es
            tuyo, ya va de camino, va de camino, ha salido, salió de, preparamos el
            paquete, la agencia, el repartidor, repartidor, punto de recogida, pagaste,
            pagado con, importe total, total pagado, te reembolsaremos, medio de pago,
            enseña este código, tu carrera, recibo de donación, propina, tu cesta
        """,
        weak="""
            total pagado, importe total, entrega, importe, iva, subtotal, compra,
            comprado, paquete, artículo, artículos, cantidad, total, pagado, enviado,
            vuelo, asiento, salida, dirección de envío, dirección de entrega, método de
            pago, transportista, mensajería, repartidor, envío, coche, plaza, almacén,
            caja, recogida, tarjeta, unidades
        """,
        against="tu carrito, tu próxima compra, tu próximo pedido",
    ),
    "finance": Genre(
        strong="""
            has recibido, te ha enviado dinero, ingreso en tu, abonado en tu, te
            devuelve, extracto, extracto bancario, tu extracto, su extracto, extracto
            mensual, estado de cuenta, nómina, tu nómina, su nómina, recibo de nómina,
            transferencia, transferencia recibida, transferencia realizada, bizum,
            tarjeta de crédito, tarjeta de débito, con tu tarjeta, con su tarjeta,
            terminada en, saldo, saldo disponible, hipoteca, tu hipoteca, impuestos,
            impuesto, declaración de la renta, hacienda, agencia tributaria, borrador,
            domiciliación, recibo domiciliado, cargo en cuenta, cargo en tu cuenta,
            adeudo, préstamo, seguro de, póliza, tu póliza, su póliza, prima, siniestro,
            dividendo, dividendos, cartera, fondos de inversión, pensión, plan de
            pensiones, movimiento en tu cuenta, movimiento en su cuenta, irpf, hemos
            cargado, cargado en tu cuenta, se ha usado tu tarjeta, saldo después, recibo
            de, emisor, devolverlo, movimientos, aportación, participaciones, tu fondo,
            prima anual, renovación de tu seguro, liquidación, sede electrónica, tu
            recibo de salario, ingreso en cuenta, te han enviado, has recibido un bizum,
            cuota, tipo de interés, orden ejecutada, reembolso de gastos
        """,
        weak="""
            banco, cuenta, pago, seguro, ingreso, cargo, abono, fiscal, tributaria,
            cuota, tarjeta, intereses, operación, movimiento, beneficiario, iban,
            vencimiento, saldo, recibo, prima, fondo, interés, plazo
        """,
    ),
    "calendar": Genre(
        strong="""
            te esperamos, cambia la hora, nueva cita, no puedes venir, cita, tu cita, su
            cita, cita médica, cita confirmada, confirmación de cita, recordatorio de
            cita, reunión, invitación a la reunión, invitación, te invita a, te ha
            invitado a, ha aceptado tu invitación, ha rechazado, ha sido reprogramada,
            reprogramada, reprogramado, nueva fecha, nueva hora, cambio de hora, cambio
            de cita, le recordamos su cita, te recordamos tu cita, reunión cancelada,
            entrevista, cita ha sido, añadir al calendario, tarjeta de embarque,
            localizador, tu reserva, su reserva, confirmación de reserva, reserva
            confirmada, facturación abierta, le esperamos, revisión con, tienes
            consulta, tienes cita, si no puedes venir, si no puede acudir, con
            antelación, el día antes, dar el hueco, cambiarla o anularla, ha cambiado de
            hora, tu estancia, habitación doble, entrada desde, cancelación gratuita,
            tutoría, videollamada, asistirás, prueba de conducción, mesa para
        """,
        weak="""
            aplazada, aplazado, convocatoria, recordatorio, calendario, agenda, asistir,
            asistencia, cuándo, dónde, hora, horas, lunes, martes, miércoles, jueves,
            viernes, clínica, consulta, doctor, dra, dr, confirmar asistencia, anule,
            evento, reserva, doctora, aula, visita, habitación, desayuno, planta,
            sesión, clase
        """,
        against="webinar, entrega, tu vuelo",
    ),
    "security": Genre(
        strong="""
            correo ha sido cambiado, ha iniciado sesión, protege tu cuenta, enlace para
            entrar, código de verificación, código de seguridad, código de acceso, tu
            código, su código, código de inicio de sesión, código de un solo uso, código
            de confirmación, no compartas este código, no lo compartas, no comparta este
            código, restablecer tu contraseña, restablece tu contraseña, restablecer
            contraseña, restablecer su contraseña, nueva contraseña, tu contraseña, su
            contraseña, contraseña ha sido, cambio de contraseña, cambiado tu
            contraseña, inicio de sesión, nuevo inicio de sesión, nuevo dispositivo,
            dispositivo nuevo, intento de inicio, actividad sospechosa, actividad
            inusual, alerta de seguridad, verificación en dos pasos, doble factor,
            verifica tu correo, confirma tu correo, confirma tu dirección, no has sido
            tú, no fuiste tú, si no fuiste, no has solicitado, enlace de acceso,
            introduce, para continuar, escríbelo, sirve una sola vez, una sola vez,
            caduca en, no se lo digas, se ha registrado, si no has sido tú, si no fuiste
            tú, otro país, hemos bloqueado un acceso, restablece, cambiar la contraseña,
            contraseña cambiada, cierra todas las sesiones, llave de acceso
        """,
        weak="""
            código, contraseña, verificación, seguridad, acceso, dispositivo, caduca,
            expira, sesión, navegador, ubicación, minutos, ignora, válido, enlace vale,
            clave, identidad
        """,
        against="código promocional, código de descuento, con el código, código postal",
    ),
    "notifications": Genre(
        strong="""
            nuevo documento, se ha subido, ha movido, no responde, devolver antes,
            préstamo vence, fecha de devolución, biblioteca, mantenimiento,
            mantenimiento programado, copia de seguridad, respuesta automática, fuera de
            la oficina, ha compartido, ha compartido contigo, compartido contigo, te ha
            asignado, te ha mencionado, tarea asignada, la tarea, tarea, tu solicitud,
            su solicitud, tu ticket, su ticket, incidencia, tu incidencia, ha sido
            actualizada, ha sido actualizado, actualización de tu, servicio
            interrumpido, interrupción, caído, caída del, falló, ha fallado, error en,
            build, compilación, servidor, espacio de almacenamiento, casi lleno,
            términos y condiciones, condiciones de uso, política de privacidad,
            documento para firmar, pendiente de firma, firma, está listo, certificado,
            caducará, encima de esta línea, restablecido, hemos recibido tu, hemos
            recibido su, en trámite, fallida, terminó con errores, aviso, umbral, corte
            de agua, corte de luz, corte, trabajos de mantenimiento, puede cortarse,
            lectura del contador, vence el, hay que devolver, disponible para recoger,
            nuevo mensaje en, movió, asignado, ha modificado, aprobada, rechazada, nueva
            versión, número de expediente, ver el tablero, ver el registro
        """,
        weak="""
            aviso, alerta, notificación, actualización, estado, informe, proyecto,
            solicitud, completado, completada, resuelto, servicio, fecha límite,
            asignado, incidente, incidencia, servidor, expediente, tarea, tareas,
            tablero, biblioteca, préstamo, portal, red, versión
        """,
    ),
    "newsletters": Genre(
        strong="""
            cada semana, cada domingo, este mes, boletín, boletín semanal, newsletter,
            esta semana, edición, en esta edición, en este número, número, resumen
            semanal, resumen de la semana, lo más leído, titulares, las noticias,
            noticias del día, leer en línea, leer online, ver en el navegador, seguir
            leyendo, carta semanal, la carta, buenos días, queridos lectores, editorial,
            nuevo episodio, lecturas, claves del día, para leer, en esta entrega, esta
            entrega, queridas lectoras, estimados socios, queridos amigos, carta, la
            semana en, minutos de lectura, lecturas recomendadas, lo que leemos, agenda
            cultural, programación de, noticias de, crónica, reportaje, nueva entrada,
            nos vemos el domingo, hasta el domingo, buena lectura
        """,
        weak="""
            leer más, suscripción, suscriptor, suscriptores, semanal, diario, mensual,
            artículos, artículo, reportaje, columna, redacción, podcast, entrevista,
            lectura, noticias, novedades, actualidad, consejos, receta, recetas,
            opinión, lectores, episodio, agenda, exposición, charla, socios
        """,
        against="compra ahora, comprar ahora, código de descuento",
    ),
    "promotions": Genre(
        strong="""
            más barato, invita la casa, te regalamos, a mitad, oferta, ofertas, oferta
            especial, oferta exclusiva, oferta limitada, descuento, descuentos, de
            descuento, rebajas, rebajado, cupón, cupones, código de descuento, código
            promocional, con el código, promoción, promociones, envío gratis, envíos
            gratis, solo hoy, sólo hoy, últimas horas, último día, últimos días, última
            oportunidad, termina hoy, acaba hoy, hasta agotar, compra ahora, comprar
            ahora, compra ya, aprovecha, ahorra, nueva colección, novedades, tu carrito,
            tarjeta regalo, regalo, gratis, prueba gratis, no te lo pierdas, mitad de
            precio, precios, en toda la web, dona, donativo, haz una donación, últimos
            pares, últimas unidades, se acaba, date prisa, que vuelan, desde solo,
            segunda unidad, de regalo, regalo por, te invitamos, gratis a partir de, sin
            matrícula, sin permanencia, mes gratis, haz tu donativo, tu donativo,
            colabora, hazte socio, ya disponible en tienda, reserva ya, precio especial,
            puntos dobles
        """,
        weak="""
            gratuito, precio, exclusivo, exclusiva, colección, tienda, descubre, hasta
            el, puntos, premio, ventajas, black friday, moda, sorteo, tallas, ahorra,
            oferta, gratis, estrena, temporada
        """,
    ),
    "social": Genre(
        strong="""
            ha guardado tu, ha compartido tu, te anima, solicitud de amistad, te sigue,
            ha empezado a seguirte, empezó a seguirte, nuevo seguidor, nuevos
            seguidores, comentó, ha comentado, comentó tu, le gusta tu, le ha gustado
            tu, le gustó tu, te etiquetó, te ha etiquetado, tu publicación, tu foto, tu
            perfil, ha visto tu perfil, vio tu perfil, te ha enviado un mensaje, nuevo
            mensaje de, quiere conectar, invitación para conectar, respondió a tu, ha
            respondido a tu, reaccionó a, cumpleaños, personas que quizá, tu comentario,
            le ha gustado, les ha gustado, lo que publicaste, ha reaccionado, te ha
            mencionado, solicitudes de contacto, han visto tu perfil, en tu barrio, es
            tu turno, cumple años, en la clasificación, gusta tu publicación, entra a
            ver los comentarios, te ha retado
        """,
        weak="""
            amigos, amigo, seguidores, publicación, perfil, grupo, red, comentario,
            foto, miembros, comunidad, comentarios, barrio, vecinos, reacciones,
            insignia
        """,
    ),
    "forums": Genre(
        strong="""
            lista de correo, lista de distribución, nuevo tema, respuesta en el tema
        """,
        weak="foro, escribió",
    ),
    "personal": Genre(
        strong="""
            un abrazo, abrazos, besos, muchos besos, un beso, qué tal, cómo estás, cómo
            va, nos vemos, hasta mañana, hasta pronto, dime si, dime algo, avísame,
            llámame, te mando, te envío, puedes, podrías, te parece, como hablamos,
            mamá, papá, abuela, feliz cumpleaños, quedamos, te apetece, me alegro,
            gracias por las fotos
        """,
        weak="""
            hola, querido, querida, gracias, saludos, yo, mi, me, mis, atentamente,
            estoy, tengo
        """,
    ),
    BULK: Genre(
        strong="""
            darse de baja, darte de baja, date de baja, cancelar suscripción, cancelar
            la suscripción, desuscribirse, desuscribirte, desuscribirme, recibes este
            correo, recibes este email, recibe este correo, has recibido este, ver en el
            navegador, gestionar preferencias, no deseas recibir
        """,
    ),
    BAIT: Genre(
        strong="""
            ha sido suspendida, será suspendida, suspendida, suspensión, bloqueada, ha
            sido bloqueada, será bloqueada, ha sido limitada, verifique su identidad,
            verifica tu identidad, verifique su cuenta, verifica tu cuenta, confirme sus
            datos, confirma tus datos, actualice sus datos, actualiza tus datos, en 24
            horas, en 48 horas, de 24 horas, de 48 horas, gastos de aduana, tasas de
            aduana, tasa de aduana, pago pendiente, no se pudo entregar, no pudo ser
            entregado, no ha podido ser entregado, has ganado, ha ganado, reactivar,
            desbloquear, inmediatamente, evitar, nuevos datos bancarios, multa
        """,
        weak="urgente, estimado cliente, haga clic, haz clic, pinche aquí",
    ),
    PITCH: Genre(
        strong="""
            me pongo en contacto, una llamada, llamada de, quince minutos, minutos para,
            nuestros servicios, nuestra solución, nuestra agencia, tu web, su web, su
            sitio web, tu sitio web, posicionamiento, más clientes, nuevos clientes, tu
            negocio, su empresa, tu empresa, sin compromiso, colaboración, una demo,
            demostración, auditoría gratuita, aumentar sus ventas, aumentar tus ventas,
            doblar las visitas, apareces en google, he visto tu web, he visto su web,
            pequeños comercios, negocios como el tuyo, compañías como la vuestra,
            empresas como la tuya, ayudamos a, empresa que ayuda, conseguir más
            clientes, primer informe, primera página, con nuestro programa, adelgazar,
            sin receta, ganar dinero, préstamo rápido, herencia, contactos
        """,
        weak="""
            garantizado, ganador, millones, oportunidad, inversores, facturación, seo
        """,
    ),
    DEMAND: Genre(
        strong="""
            paga ahora, pague ahora, paga en, abonar, abónala, abona, confirma tu,
            confirme su, introduce tus claves, tus claves, sus claves, número de
            tarjeta, tu clave, datos bancarios, datos de tu tarjeta, introduce el
            número, en el siguiente enlace, siguiente enlace, enlace, haz clic, haga
            clic, valida tu, valide su, identifícate, tarjetas regalo, código que
            recibirás, completa tu solicitud, la tarjeta donde, vuelve a introducir,
            introducir los datos, los datos de la tarjeta, tu usuario y contraseña,
            usuario y contraseña, tu iban, fecha de nacimiento, instala la, completa tu
            dirección, método de pago
        """,
    ),
    THREAT: Genre(
        strong="""
            o será devuelto, será devuelto, serán devueltos, si no el, de lo contrario,
            en caso contrario, se perderá, será eliminada, será desactivada,
            suspenderemos, caduca hoy, expira hoy, hoy mismo, próximas 24 horas, 12
            horas, 24 horas, 48 horas, último aviso, última advertencia, recargo,
            embargo, bloqueado, bloqueada, acceso extraño, retenido, falta abonar, falta
            pagar, pendiente de pago, impagada, gastos por pagar, plazo hoy, para no
            quedarte, quedarte sin, sin servicio, fue rechazado, rechazado, pendiente de
            cobro, antes de que, te corresponden, incompleta
        """,
    ),
    ASK: Genre(
        strong="""
            15 minutos, diez minutos, tendrías, tendría, hablamos esta semana, hablamos,
            esta semana para, te la envío, te lo envío, se la envío, te va bien, le va
            bien, te interesa, le interesa, podemos hablar, una demostración, te escribo
            de nuevo, no viste mi correo, quién es la persona
        """,
    ),
}
