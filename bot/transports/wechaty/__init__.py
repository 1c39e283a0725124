"""Transport: WeChat through a Wechaty gateway; the only room that says "room" and "contact".

Import `adapter.WechatyTransport` and `settings.WechatySettings` from their own files: the settings are
read at every start, and the SDK behind the adapter costs half a second and 35 MB.
"""
