/**
 * Lines that several causes share, by product. A block is what can be pasted: multi-line blocks as their parser wants them, and
 * a remark `in …:` above lines that do not stand at the product's usual place. The usual place is the server of nginx, the site
 * of Caddy, the virtual host of Apache, the top of the file of the others; HAProxy always says. Words in capitals are to be
 * replaced. Apache takes no remark behind a line. Texts are code and the same in every language.
 */

/**
 * The lines to change of one cause: rows of a product's name and its lines. `proxy` is whichever proxy it is, where more
 * cannot be said. */
export type Lines = readonly (readonly [product: string, ...lines: readonly string[]])[];

/** The longest silence that a proxy should bear: heartbeats come sooner. */
export const hour = "1h";

export const inLocation = "# in the location of {path}:";
export const outsideHttp = "# in nginx.conf, outside of http:";
export const inFrontend = "# in the frontend:";
export const inBackend = "# in the backend:";
export const inDefaults = "# in defaults:";
export const outsideHosts = "# in apache2.conf, outside of <VirtualHost>:";

/** No proxy that was measured cuts a stream by itself that speaks so often, s. */
export const heartbeatS = 15;

const heartbeat = 'setInterval(() => response.write(":\\n\\n"), {heartbeat}_000);';
export const originHeartbeat = [
  "// a comment every {heartbeat} s: no proxy that was measured cuts a stream that speaks so often",
  heartbeat,
];
/** Against a cut that was measured. */
export const originSoonerHeartbeat = [
  "// a comment every {heartbeat} s: no later than half of the silence that was cut",
  heartbeat,
];

export const originHeaders = ["response.writeHead(200, { 'content-type': 'text/event-stream' });"];

export const nginxStream = [
  "location {path} {",
  "  proxy_pass http://ORIGIN;",
  "  proxy_http_version 1.1;",
  '  proxy_set_header Connection "";',
  "  proxy_buffering off;",
  `  proxy_read_timeout ${hour};`,
  "}",
];

export const caddyHandle = ["handle {path}* {", "  reverse_proxy ORIGIN", "}"];

/** @param options of `reverse_proxy`, one a line */
export function caddyProxy(...options: readonly string[]): string[] {
  return ["reverse_proxy ORIGIN {", ...options.map((line) => `  ${line}`), "}"];
}

/** What comes first for this path, before the built-in rules. */
export function varnishReceive(...lines: readonly string[]): string[] {
  return ["sub vcl_recv {", '  if (req.url ~ "^{path}") {', ...lines.map((line) => `    ${line}`), "  }", "}"];
}

/** The whole backend, for a setting cannot stand without its address. */
export function varnishBackend(...settings: readonly string[]): string[] {
  return ["backend origin {", '  .host = "HOST";', '  .port = "PORT";', ...settings.map((line) => `  ${line}`), "}"];
}

export const gatewayRoute = ["[[routes]]", 'path_prefix = "{path}"', 'upstream = "UPSTREAM"', "timeout = 0"];
export const gatewayInRoute = "# in the route of {path}:";
export const gatewayInServer = "# in [server]:";

/** Pingora is a library: its configuration is the code of the gateway that is built on it. */
export const pingoraPeer = [
  "// in impl ProxyHttp; a plain Err would be answered 500",
  "async fn upstream_peer(&self, session: &mut Session, _: &mut Self::CTX) -> Result<Box<HttpPeer>> {",
  '    if session.req_header().uri.path().starts_with("{path}") {',
  '        return Ok(Box::new(HttpPeer::new("HOST:PORT", false, String::new())));',
  "    }",
  '    Err(Error::explain(HTTPStatus(404), "no route"))',
  "}",
];

export const pingoraReadTimeout = "peer.options.read_timeout = None;";

/** With a length it would flush only at the end; without any framing the end of the connection were the end of the stream. */
export const pingoraChunked = [
  'if answer.headers.contains_key("content-length") {',
  '    answer.remove_header("content-length");',
  '    answer.insert_header("transfer-encoding", "chunked")?;',
  "}",
];

/** It copies status and headers after this event, so they can be flushed only then. */
export const httpProxyFlush = [
  'proxy.on("proxyRes", (answer, request, response) => setImmediate(() => response.flushHeaders()));',
];

/** Without it a client waits for ever when the origin went away. */
export const httpProxyEnds = [
  'proxy.on("proxyRes", (answer, request, response) => {',
  '  answer.on("close", () => {',
  "    if (!answer.complete) response.destroy();",
  "  });",
  "});",
];

export const beforeAccess = "# before the other http_access lines:";

/** The app trusts the authorities that its runtime brings along; it reads neither the system's store nor NODE_EXTRA_CA_CERTS. */
export const publicAuthorities = [
  "# Holdfast trusts public authorities only, not those that this computer trusts besides; who signed:",
  "openssl s_client -connect {host}:{port} -servername {host} -showcerts",
];

/** The app's own choices; a stream may have others, on its page. */
export const ownProxy = "# Settings → General → The way out → A proxy of your own:";
export const noProxy = ["# or around it: Settings → General → The way out → No proxy"];
