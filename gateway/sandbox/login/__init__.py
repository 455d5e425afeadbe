"""Getting in: the question "who are you?", the codes it hands out, and what they are worth.

Who holds the phone. A real phone knows its owner, a browser does not. When a link on a phone page
is touched, the page's script notes whose phone that was in the cookie `wecom_holder` (for ten
minutes, only for this sandbox's /connect). The link itself stays exactly what was sent: forwarded
to another browser it is anybody's, and the page asks. The authorize page takes the noted person at
his word and answers without the question; `ask=1` in its query asks all the same. Of two phones in
one browser the one touched last is held. The note is for one host name: a phone looked at under
localhost is not known to an authorize address under 127.0.0.1. The QR page of a computer always
asks.
"""
