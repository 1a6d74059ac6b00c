/** The lines to change where no answer came: network, certificates, forward proxies. */
import { beforeAccess, type Lines, noProxy, ownProxy, publicAuthorities } from "./fix-blocks.ts";

export const reachLines: Readonly<Record<string, Lines>> = {
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
    ["origin", "certbot renew   # and have the server read the certificate anew"],
    ["client", "timedatectl   # a wrong clock makes good certificates look expired"],
  ],
  "tls-name": [["origin", "certbot certonly -d {host}"]],
  "tls-self-signed": [
    ["origin", "certbot certonly -d {host}   # a certificate that everybody trusts"],
    ["client", ...publicAuthorities],
  ],
  "tls-issuer": [
    ["origin", "cat leaf.pem intermediate.pem > fullchain.pem   # what the server has to send: not the leaf alone"],
    ["client", ...publicAuthorities],
  ],
  "tls-intercepted": [["client", "# have {host} excepted from inspection", ...publicAuthorities]],
  "tls-silent": [
    ["origin", "ss -ltnp 'sport = :{port}'   # who listens there; it takes connections and says nothing"],
    ["client", "openssl s_client -connect {host}:{port} -servername {host}"],
  ],
  "tls-handshake": [
    ["origin", "TLS 1.2 and 1.3   # in the server's configuration, with a certificate for {host}"],
    ["nginx", "ssl_protocols TLSv1.2 TLSv1.3;"],
    ["client", "openssl s_client -connect {host}:{port} -servername {host}"],
  ],
  "proxy-unreachable": [["client", `${ownProxy} http://PROXY:PORT`, ...noProxy]],
  "proxy-auth": [
    ["client", `${ownProxy} http://PROXY:PORT, with the user name and password it wants`],
    ["squid", beforeAccess, "acl streams dstdomain {host}", "http_access allow streams"],
  ],
  "proxy-denied": [
    [
      "squid",
      beforeAccess,
      "acl streams dstdomain {host}",
      "acl CONNECT method CONNECT",
      "acl stream_port port {port}",
      "http_access allow streams stream_port",
    ],
    ["client", ...noProxy],
  ],
  "proxy-tunnel": [
    [
      "squid",
      "acl SSL_ports port {port}",
      "acl Safe_ports port {port}",
      "# and the proxy itself must reach {host}:{port}",
    ],
    ["client", ...noProxy],
  ],
};
