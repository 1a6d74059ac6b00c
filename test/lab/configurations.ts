/** Every configuration of the lab, in the order of the matrix. */
import type { Configuration } from "./configuration.ts";
import { apacheConfigurations } from "./proxies/apache.ts";
import { caddyConfigurations } from "./proxies/caddy.ts";
import { gatewayConfigurations } from "./proxies/gateway.ts";
import { haproxyConfigurations } from "./proxies/haproxy.ts";
import { httpProxyConfigurations } from "./proxies/http-proxy.ts";
import { nginxConfigurations } from "./proxies/nginx.ts";
import { squidConfigurations } from "./proxies/squid.ts";
import { varnishConfigurations } from "./proxies/varnish.ts";

export const configurations: readonly Configuration[] = [
  ...gatewayConfigurations,
  ...nginxConfigurations,
  ...haproxyConfigurations,
  ...caddyConfigurations,
  ...apacheConfigurations,
  ...varnishConfigurations,
  ...squidConfigurations,
  ...httpProxyConfigurations,
];
