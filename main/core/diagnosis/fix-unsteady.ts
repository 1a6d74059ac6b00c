/** The lines to change where one of several servers does not do what the others do. */
import { caddyProxy, inBackend, inLocation, type Lines, varnishBackend } from "./fix-blocks.ts";

export const unsteadyLines: Readonly<Record<string, Lines>> = {
  unsteady: [
    [
      "origin",
      "# ask each server by its own address, some times: one answers otherwise than the rest",
      "curl -sN --max-time 3 -o /dev/null -w '%{http_code}\\n' http://SERVER{path}",
    ],
    [
      "nginx",
      "# in http:",
      "upstream servers {",
      "  server HOST:PORT max_fails=1 fail_timeout=10s;",
      "}",
      inLocation,
      "proxy_pass http://servers;",
      "proxy_next_upstream error timeout http_502 http_503 http_504;",
    ],
    [
      "haproxy",
      inBackend,
      "option httpchk GET /health",
      "option redispatch",
      "retry-on conn-failure empty-response 502 503 504",
      "default-server check inter 5s   # above the server lines",
    ],
    ["caddy", ...caddyProxy("health_uri /health", "health_interval 5s", "lb_try_duration 2s")],
    ["varnish", ...varnishBackend('.probe = { .url = "/health"; .interval = 5s; .window = 3; .threshold = 2; }')],
    [
      "holdfast-gateway",
      "[upstream.UPSTREAM]",
      'servers = [{ addr = "HOST:PORT", weight = 1 }]',
      'health_check = { path = "/health", interval_s = 5 }',
    ],
    ["envoy", "retry_policy: { retry_on: 5xx,reset,connect-failure, num_retries: 2 }"],
    ["traefik", "loadBalancer: { healthCheck: { path: /health, interval: 5s } }"],
  ],
};
