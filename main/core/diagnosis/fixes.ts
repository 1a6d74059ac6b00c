/**
 * The lines to change, by cause and product, as they stand in its configuration or in the origin's code. They were measured
 * where the product is one of the lab's; those for Envoy and Traefik are from their documentation. The first product of a
 * cause is the likeliest where nobody is named. Texts are code and the same in every language.
 */
import type { Fix } from "../../../preload/contract.ts";

type Lines = readonly (readonly [product: string, ...lines: readonly string[]])[];

/** The longest silence that a proxy should bear: heartbeats come sooner. */
const hour = "1h";

const originHeartbeat = [
  "// a comment every 15 s: no proxy that was measured cuts a stream that speaks so often",
  'setInterval(() => response.write(":\\n\\n"), 15_000);',
];

const nginxStream = [
  "location {path} {",
  "  proxy_pass http://ORIGIN;",
  "  proxy_http_version 1.1;",
  '  proxy_set_header Connection "";',
  "  proxy_buffering off;",
  `  proxy_read_timeout ${hour};`,
  "}",
];

const gatewayRoute = ["[[routes]]", 'path_prefix = "{path}"', 'upstream = "UPSTREAM"', "timeout = 0"];

export const fixTable: Readonly<Record<string, Lines>> = {
  offline: [["client", "nmcli device status"]],
  dns: [
    ["client", "nslookup {host}"],
    ["origin", "{host}.  IN  A  ADDRESS"],
  ],
  refused: [
    ["origin", "ss -ltn 'sport = :{port}'   # nothing listens there: start the server, or correct the port"],
    ["client", "nc -vz {host} {port}"],
  ],
  unreachable: [["client", "ip route get ADDRESS   # and the firewall of this computer"]],
  "connect-timeout": [["client", "nc -vz -w 5 {host} {port}   # a firewall drops what it does not allow"]],
  "tls-expired": [
    ["origin", "certbot renew && nginx -s reload"],
    ["client", "timedatectl   # a wrong clock makes good certificates look expired"],
  ],
  "tls-name": [["origin", "certbot certonly -d {host}"]],
  "tls-self-signed": [
    ["client", "NODE_EXTRA_CA_CERTS=/path/to/server.pem   # the server's own certificate, as its owner hands it over"],
    ["origin", "certbot certonly -d {host}   # a certificate that everybody trusts"],
  ],
  "tls-issuer": [
    ["origin", "ssl_certificate /etc/ssl/fullchain.pem;   # with the intermediate certificates, not the leaf alone"],
    ["client", "NODE_EXTRA_CA_CERTS=/path/to/company-root.pem"],
  ],
  "tls-intercepted": [["client", "NODE_EXTRA_CA_CERTS=/path/to/company-root.pem   # or except {host} from inspection"]],
  "tls-handshake": [
    ["origin", "ssl_protocols TLSv1.2 TLSv1.3;"],
    ["client", "openssl s_client -connect {host}:{port} -servername {host}"],
  ],
  "proxy-unreachable": [["client", 'HTTPS_PROXY=http://PROXY:PORT   # or NO_PROXY="{host}"']],
  "proxy-auth": [
    ["client", "HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"],
    ["squid", "acl streams dstdomain {host}", "http_access allow streams"],
  ],
  "proxy-denied": [
    [
      "squid",
      "acl streams dstdomain {host}",
      "acl CONNECT method CONNECT",
      "acl stream_port port {port}",
      "http_access allow streams stream_port",
    ],
    ["client", 'NO_PROXY="{host}"'],
  ],
  "proxy-tunnel": [
    [
      "squid",
      "acl SSL_ports port {port}",
      "acl Safe_ports port {port}",
      "# and the proxy itself must reach {host}:{port}",
    ],
    ["client", 'NO_PROXY="{host}"'],
  ],
  "no-route": [
    ["pingora", ...gatewayRoute],
    ["nginx", ...nginxStream],
    ["haproxy", "use_backend ORIGIN if { path_beg {path} }", "# or, for everything else:", "default_backend ORIGIN"],
    ["caddy", "handle {path}* {", "  reverse_proxy ORIGIN", "}"],
    [
      "apache",
      'ProxyPass "{path}" "http://ORIGIN{path}" flushpackets=on',
      'ProxyPassReverse "{path}" "http://ORIGIN{path}"',
    ],
    ["varnish", 'sub vcl_recv { if (req.url ~ "^{path}") { set req.backend_hint = origin; return (pipe); } }'],
    ["squid", "acl stream urlpath_regex ^{path}", "http_access allow stream", "cache_peer_access origin allow stream"],
    ["traefik", "rule: PathPrefix(`{path}`)", "service: origin"],
    ["envoy", 'match: { prefix: "{path}" }', "route: { cluster: origin, timeout: 0s }"],
    ["http-proxy", 'if (request.url.startsWith("{path}")) proxy.web(request, response, { target: "http://ORIGIN" });'],
  ],
  "upstream-down": [
    ["pingora", "[upstream.UPSTREAM]", 'servers = [{ addr = "HOST:PORT" }]   # start it, or correct the address'],
    ["nginx", "proxy_pass http://HOST:PORT;   # start the origin, or correct this address"],
    ["haproxy", "server origin HOST:PORT check   # start the origin, or correct this address"],
    ["caddy", "reverse_proxy HOST:PORT   # start the origin, or correct this address"],
    ["apache", 'ProxyPass "{path}" "http://HOST:PORT{path}" retry=0'],
    ["varnish", 'backend origin { .host = "HOST"; .port = "PORT"; }'],
    ["squid", "cache_peer HOST parent PORT 0 no-query originserver"],
    ["traefik", "loadBalancer: { servers: [{ url: http://HOST:PORT }] }"],
    ["envoy", "socket_address: { address: HOST, port_value: PORT }"],
    ["http-proxy", 'proxy.web(request, response, { target: "http://HOST:PORT" });'],
    ["origin", "systemctl status ORIGIN"],
  ],
  "upstream-timeout": [
    [
      "origin",
      "response.writeHead(200, { 'content-type': 'text/event-stream' });",
      "response.flushHeaders();   // at once, not with the first event",
    ],
    ["nginx", `proxy_read_timeout ${hour};`],
    ["haproxy", `timeout server ${hour}`],
    ["caddy", "reverse_proxy ORIGIN {", "  transport http { response_header_timeout 60s }", "}"],
    ["apache", "ProxyTimeout 3600"],
    ["varnish", "backend origin { .first_byte_timeout = 60s; .between_bytes_timeout = 3600s; }"],
    ["squid", "read_timeout 1 hour"],
    ["pingora", "timeout = 0"],
    ["envoy", "route: { timeout: 0s, idle_timeout: 3600s }"],
    ["traefik", "forwardingTimeouts: { responseHeaderTimeout: 60s }"],
    ["http-proxy", "httpProxy.createProxyServer({ proxyTimeout: 0 });"],
  ],
  unauthorized: [
    ["origin", "Authorization: Bearer TOKEN   // what the request has to carry, and the origin to accept"],
  ],
  forbidden: [["origin", "// allow this user to read {path}"]],
  "not-found": [
    ["origin", 'app.get("{path}", stream);   // or correct the address: nothing is there'],
    ["nginx", ...nginxStream],
    ["pingora", ...gatewayRoute],
  ],
  "rate-limited": [
    ["origin", "Retry-After: 30   // and a higher limit for streams: a reconnect is one request"],
    ["nginx", "limit_req zone=ZONE burst=20 nodelay;"],
    ["haproxy", "http-request deny deny_status 429 if { sc_http_req_rate(0) gt LIMIT }"],
  ],
  "origin-status": [["origin", "journalctl -u ORIGIN   # the origin itself answers so"]],
  "proxy-status": [
    ["nginx", "nginx -T | grep -nE 'deny|auth_|limit_|return'   # and error_log: the reason stands there"],
    ["haproxy", "http-request allow if { path_beg {path} }   # before the rules that deny or limit"],
    ["caddy", "handle {path}* {", "  reverse_proxy ORIGIN", "}"],
    ["apache", '<Location "{path}">', "  Require all granted", "</Location>"],
    ["varnish", 'sub vcl_recv { if (req.url ~ "^{path}") { return (pipe); } }'],
    ["squid", "acl stream urlpath_regex ^{path}", "http_access allow stream"],
    ["tinyproxy", 'ReversePath "{path}" "http://ORIGIN{path}"   # and Allow, Filter, ConnectPort'],
  ],
  redirect: [["origin", "Location: ADDRESS   // where the stream is: not {path} again, and never from https to http"]],
  login: [
    ["origin", "401 Unauthorized   // for requests that accept text/event-stream, instead of a page to sign in at"],
    ["nginx", "location {path} { auth_request off; }"],
  ],
  "captive-portal": [["client", "xdg-open http://neverssl.com   # sign in to this network, then try again"]],
  "no-content": [
    ["origin", "response.writeHead(200, { 'content-type': 'text/event-stream' });   // 204 tells clients to stop"],
  ],
  "wrong-type": [
    ["origin", "response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });"],
    ["nginx", "location {path} { try_files /dev/null @origin; }   # the page of a single-page app answers instead"],
  ],
  "closed-early": [
    ["http-proxy", 'proxy.on("error", (error, request, response) => response.writeHead(502).end());'],
    ["origin", "journalctl -u ORIGIN   # it closes the connection without an answer"],
  ],
  protocol: [
    ["origin", "HTTP/1.1 200 OK\\r\\n   // the answer is not valid HTTP: is this the right port, and http or https?"],
  ],
  compression: [
    [
      "varnish",
      'sub vcl_backend_response { if (beresp.http.Content-Type ~ "event-stream") { set beresp.do_gzip = false; } }',
    ],
    [
      "pingora",
      "// response_filter, for text/event-stream",
      "session.downstream_modules_ctx.get_mut::<ResponseCompression>().unwrap().adjust_level(0);",
    ],
    [
      "holdfast-gateway",
      "[[routes]]",
      'path_prefix = "{path}"   # streams are never compressed there; see that the origin says text/event-stream',
    ],
    [
      "caddy",
      "@text not header Content-Type text/event-stream*",
      "encode @text gzip   # or Caddy 2.11, which flushes each event",
    ],
    ["nginx", "location {path} { gzip off; proxy_buffering off; proxy_http_version 1.1; }"],
    ["apache", 'SetEnvIf Request_URI "^{path}" no-gzip'],
    ["haproxy", "compression type text/html text/css application/json   # without text/event-stream"],
    ["envoy", "content_type: [text/html, application/json]   # of the compressor, without text/event-stream"],
    ["traefik", "compress: { excludedContentTypes: [text/event-stream] }"],
    [
      "origin",
      "app.use(compression({ filter: (request, response) => !/event-stream/.test(String(response.getHeader('content-type'))) }));",
    ],
  ],
  cache: [
    ["varnish", 'sub vcl_recv { if (req.url ~ "^{path}") { return (pipe); } }'],
    ["origin", "Cache-Control: no-store"],
    ["nginx", "location {path} { proxy_cache off; proxy_buffering off; }"],
    ["squid", "acl stream urlpath_regex ^{path}", "cache deny stream"],
    ["apache", 'CacheDisable "{path}"'],
    ["caddy", "header {path}* Cache-Control no-store"],
    ["holdfast-gateway", "[[routes]]", 'path_prefix = "{path}"   # without a cache line'],
    ["cloudflare", "Cache Rules: {path}* → Bypass cache"],
    ["cloudfront", "CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad   # Managed-CachingDisabled"],
    ["fastly", 'sub vcl_recv { if (req.url ~ "^{path}") { return (pass); } }'],
  ],
  buffering: [
    ["nginx", ...nginxStream],
    ["origin", "X-Accel-Buffering: no   // nginx obeys it, without a line of its own"],
    ["apache", 'ProxyPass "{path}" "http://ORIGIN{path}" flushpackets=on'],
    ["caddy", "reverse_proxy ORIGIN { flush_interval -1 }"],
    ["haproxy", "no option http-buffer-request", "option http-no-delay"],
    ["varnish", "sub vcl_backend_response { set beresp.do_stream = true; }"],
    ["squid", "read_ahead_gap 0 KB", "delay_access 1 deny all"],
    [
      "pingora",
      "// upstream_response_filter: a Content-Length on a stream keeps everything back",
      'upstream_response.remove_header("content-length");',
      'upstream_response.insert_header("transfer-encoding", "chunked")?;',
    ],
    ["envoy", "typed_per_filter_config: { envoy.filters.http.buffer: { disabled: true } }"],
    ["traefik", "# no buffering middleware on this router"],
    ["http-proxy", 'proxy.on("proxyRes", (answer, request, response) => response.flushHeaders());'],
  ],
  batching: [
    ["haproxy", "option http-no-delay"],
    ["nginx", "tcp_nodelay on;"],
    ["origin", "response.socket.setNoDelay(true);"],
    ["envoy", "http2_protocol_options: {}   # TCP_NODELAY is on by default"],
  ],
  "header-wait": [
    [
      "origin",
      "response.flushHeaders();",
      'response.write(":\\n\\n");   // a comment at once: whoever waits for a first byte has it',
    ],
    [
      "http-proxy",
      'proxy.on("proxyRes", (answer, request, response) => {',
      "  response.writeHead(answer.statusCode, answer.headers);",
      "  response.flushHeaders();",
      "});",
    ],
    ["nginx", "proxy_buffering off;", "proxy_http_version 1.1;"],
  ],
  "slow-header": [
    [
      "origin",
      "response.writeHead(200, { 'content-type': 'text/event-stream' });",
      "response.flushHeaders();   // before the first slow query, not after it",
    ],
  ],
  "idle-cut": [
    ["origin", ...originHeartbeat],
    ["nginx", `proxy_read_timeout ${hour};   # now {seconds} s`],
    ["haproxy", `timeout server ${hour}   # now {seconds} s`, `timeout tunnel ${hour}`],
    ["caddy", "reverse_proxy ORIGIN {", `  transport http { read_timeout ${hour} }   # now {seconds} s`, "}"],
    ["apache", "ProxyTimeout 3600   # now {seconds} s"],
    [
      "varnish",
      "backend origin { .between_bytes_timeout = 3600s; }   # now {seconds} s",
      "# varnishd -p pipe_timeout=3600",
    ],
    ["squid", "read_timeout 1 hour   # now {seconds} s"],
    ["pingora", "peer.options.read_timeout = None;   // now {seconds} s"],
    ["holdfast-gateway", "[[routes]]", 'path_prefix = "{path}"', "timeout = 0   # now {seconds}"],
    ["http-proxy", "httpProxy.createProxyServer({ timeout: 0, proxyTimeout: 0 });   // now {seconds} s"],
    ["envoy", "route: { timeout: 0s, idle_timeout: 3600s }   # now {seconds} s"],
    ["traefik", "respondingTimeouts: { writeTimeout: 0s, idleTimeout: 3600s }   # now {seconds} s"],
    ["aws-alb", "idle_timeout.timeout_seconds = 3600   # now {seconds}"],
  ],
  hang: [
    [
      "http-proxy",
      'proxy.on("proxyRes", (answer, request, response) => answer.on("aborted", () => response.destroy()));',
    ],
    ["origin", ...originHeartbeat],
    ["nginx", "proxy_socket_keepalive on;", "proxy_read_timeout 60s;   # with heartbeats from the origin"],
  ],
  "content-length": [
    ["origin", "response.removeHeader('content-length');   // a stream has no length"],
    [
      "pingora",
      "// upstream_response_filter",
      'upstream_response.remove_header("content-length");',
      'upstream_response.insert_header("transfer-encoding", "chunked")?;',
    ],
  ],
  framing: [
    [
      "pingora",
      "// response_filter: leave these two alone on a stream",
      '// response.remove_header("transfer-encoding");',
      'response.insert_header("transfer-encoding", "chunked")?;',
    ],
    ["caddy", "# Caddy up to 2.6 ends broken streams as if they were complete: use 2.11 or newer"],
    ["nginx", "proxy_http_version 1.1;", 'proxy_set_header Connection "";'],
    ["haproxy", "no option httpclose"],
    ["varnish", "return (pass);   # instead of pipe, where the end of a stream matters"],
    ["apache", "# SetEnv downgrade-1.0, SetEnv force-response-1.0: neither of them"],
    [
      "http-proxy",
      'proxy.on("proxyRes", (answer, request, response) => answer.on("aborted", () => response.destroy()));',
    ],
    ["origin", "response.setHeader('transfer-encoding', 'chunked');   // HTTP/1.1, no 'connection: close'"],
  ],
  cut: [
    ["origin", "journalctl -u ORIGIN   # it leaves in the middle of its answer: restarts, crashes, limits of its host"],
    ["nginx", `proxy_read_timeout ${hour};`, "worker_shutdown_timeout 1h;"],
    ["haproxy", `timeout server ${hour}`, "hard-stop-after 1h"],
    ["caddy", "grace_period 1h"],
    ["apache", "GracefulShutdownTimeout 0"],
    ["pingora", "grace_period_s = 10"],
  ],
  ended: [
    ["origin", "// keep the answer open: no response.end() after the last event that is there now"],
    ["caddy", "# Caddy up to 2.6 ends broken streams as if they were complete: use 2.11 or newer"],
    ["nginx", "proxy_http_version 1.1;   # HTTP/1.0 cannot tell an end from a cut"],
  ],
  "max-duration": [
    ["envoy", "route: { timeout: 0s, max_stream_duration: { max_stream_duration: 0s } }"],
    ["origin", "// longer than {seconds} s: server.requestTimeout = 0, or the limit of its host"],
    ["nginx", "keepalive_time 24h;"],
    ["traefik", "respondingTimeouts: { writeTimeout: 0s }"],
    ["haproxy", `timeout tunnel ${hour}`],
  ],
  "no-heartbeat": [["origin", ...originHeartbeat]],
  "resume-ignored": [
    [
      "origin",
      "const last = request.headers['last-event-id'];",
      "for (const event of eventsAfter(last)) send(event);   // what came since, before what is new",
    ],
  ],
};

/** Products that are configured like another. The reference gateway is Pingora with a file of its own. */
const alike: Readonly<Record<string, string>> = {
  openresty: "nginx",
  tengine: "nginx",
  fastly: "varnish",
  "holdfast-gateway": "pingora",
};

/**
 * The lines for a cause: those of the product first, of the others after them. Empty for a code that has none.
 * @param values what stands for {path}, {host}, {port}, {seconds}; what is missing stays as it is
 */
export function fixesOf(
  code: string,
  product: string | null,
  values: Readonly<Record<string, string | number>>,
): Fix[] {
  const rows = (fixTable[code] ?? []).map(([name, ...lines]) => ({
    product: name,
    text: filled(lines.join("\n"), values),
  }));
  const has = (name: string | null) => rows.some((row) => row.product === name);
  const named = product === null || has(product) ? product : (alike[product] ?? null);
  return [...rows.filter((row) => row.product === named), ...rows.filter((row) => row.product !== named)];
}

function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
