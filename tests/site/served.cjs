// A folder served as GitHub Pages serves it (compressed, cacheable, under a path if need be, a
// folder by its index, what is lost by a page that says so), and a browser that sees nothing but
// that server.
const { createServer } = require("node:http");
const { readFileSync, statSync } = require("node:fs");
const { extname, join, normalize } = require("node:path");
const { gzipSync } = require("node:zlib");
const puppeteer = require("puppeteer-core");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".pf_meta": "application/octet-stream",
};
const COMPRESSED = new Set([".html", ".css", ".js", ".json", ".svg"]);

const serve = (root, { under = "", lost = "" } = {}) =>
  new Promise((resolve) => {
    const packed = new Map();
    const server = createServer((request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
      let file = join(root, path.startsWith(`${under}/`) ? path.slice(under.length) : "/outside");
      let status = 200;
      let found = packed.get(file);
      if (!found) {
        try {
          if (statSync(file).isDirectory() && path.endsWith("/")) file = join(file, "index.html");
          if (!statSync(file).isFile()) throw new Error("a folder");
        } catch {
          if (!lost) return response.writeHead(404).end();
          file = join(root, lost);
          status = 404;
        }
        const squeezed = COMPRESSED.has(extname(file));
        const body = readFileSync(file);
        found = { squeezed, body: squeezed ? gzipSync(body) : body };
        packed.set(file, found);
      }
      response.writeHead(status, {
        "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
        "Content-Length": found.body.length,
        "Cache-Control": "max-age=600",
        ...(found.squeezed && { "Content-Encoding": "gzip", Vary: "Accept-Encoding" }),
      });
      response.end(request.method === "HEAD" ? undefined : found.body);
    });
    server.listen(0, "127.0.0.1", () => {
      const base = `http://127.0.0.1:${server.address().port}`;
      resolve({ base, close: () => server.close() });
    });
  });

const launch = (executablePath, extra = []) =>
  puppeteer.launch({
    executablePath,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ...extra,
    ],
  });

// Does a thing with a page of the browser for each name, some side by side: pages wait a lot.
const each = async (browser, names, visit, together = 3) => {
  const left = [...names];
  await Promise.all(
    Array.from({ length: together }, async () => {
      while (left.length) {
        const name = left.shift();
        const page = await browser.newPage();
        await page.emulateFocusedPage(true);
        await visit(page, name);
        await page.close();
      }
    }),
  );
};

module.exports = { serve, launch, each };
