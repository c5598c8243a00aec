"""The documentation is served from here, entirely and unchanged."""

import hashlib
import re
from pathlib import Path

import shared.http.docs
from tests.unit.shared.http import sample

STATIC = Path(shared.http.docs.__file__).parent / "static"


class TestDocs:
    async def test_ask_no_other_host(self) -> None:
        async with sample.client(sample.build()) as client:
            page = await client.get("/docs")
            sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
            assert sources
            for source in sources:
                assert source.startswith(("/docs/static/", "data:"))
            policy = page.headers["content-security-policy"]
        assert "http" not in policy
        assert policy.startswith("default-src 'self';")
        assert "connect-src 'self';" in policy

    async def test_serve_their_files_with_a_tag(self) -> None:
        async with sample.client(sample.build()) as client:
            for name, kind in (
                ("redoc.standalone.js", "text/javascript"),
                ("start.js", "text/javascript"),
                ("redoc.LICENSE.txt", "text/plain"),
            ):
                response = await client.get(f"/docs/static/{name}")
                assert response.status_code == 200
                assert response.headers["content-type"].startswith(kind)
                headers = {"If-None-Match": response.headers["etag"]}
                again = await client.get(f"/docs/static/{name}", headers=headers)
                assert again.status_code == 304
            for name in ("nothing.js", "..%2fdocs.py", "docs.py"):
                assert (await client.get(f"/docs/static/{name}")).status_code == 404

    async def test_come_with_the_description_they_show(self) -> None:
        app = sample.build()
        async with sample.client(app) as client:
            response = await client.get("/openapi.json")
        assert response.json() == app.openapi()

    def test_are_the_files_that_were_vendored(self) -> None:
        recorded = re.search(r"sha256\s+([0-9a-f]{64})", (STATIC / "VENDORED.txt").read_text())
        assert recorded is not None
        content = (STATIC / "redoc.standalone.js").read_bytes()
        assert hashlib.sha256(content).hexdigest() == recorded[1]
        assert "MIT" in (STATIC / "redoc.LICENSE.txt").read_text()
