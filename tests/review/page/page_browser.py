"""A browser without a window: requests to the page in this process, with cookies."""

import asyncio

import httpx

ORIGIN = "http://localhost:8765"


class Browser:
    """Sends requests to an ASGI application; the Origin is the page's own unless another is given."""

    def __init__(self, app, access=None):
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        self._client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)
        if access is not None:
            self._client.cookies.set(access.cookie, access.token)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, data=None, follow=True, **options):
        headers = {"Origin": ORIGIN} | options.pop("headers", {})
        return self.request("POST", path, data=data, headers=headers, follow_redirects=follow, **options)

    def request(self, method, path, **options):
        return asyncio.run(self._client.request(method, path, **options))
