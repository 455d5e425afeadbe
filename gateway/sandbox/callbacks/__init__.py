"""What the sandbox tells the product: events in WeCom's envelope, delivered as WeCom delivers.

The envelope is sealed by `crypto`, written from the scheme and not from our own gateway, so that
the two prove each other. An event that gets no answer within five seconds is sent again, three
times in all; any answer ends it. The envelope carries real time, as it is checked against the
receiver's clock; CreateTime inside is the sandbox's virtual time.
"""
