/** Squid in its three roles: in front of the origin (accel), asked for whole addresses (forward), and for tunnels (CONNECT). */
import { type Configuration, type Fault, hostOf, nobody, type Role } from "../configuration.ts";
import { labPort } from "../lab-port.ts";
import { findProgram, LabProcess, missingProgram } from "../lab-process.ts";
import { forward, reverse } from "../running.ts";

type Options = {
  readonly timeoutS?: number;
  /** The origin is not there. */
  readonly down?: boolean;
  readonly access?: "allow" | "deny" | "named";
};

/** The one name and password that a proxy of access "named" lets through. */
export const squidUser = { name: "lab", password: "open sesame" } as const;

/** Squid asks it line by line, both words percent-encoded. */
const helper = `while read -r name password; do
  if [ "$name $password" = "${squidUser.name} ${encodeURIComponent(squidUser.password)}" ]; then echo OK; else echo ERR; fi
done
`;

/** Who may use it. */
function accessLines(access: NonNullable<Options["access"]>, folder: string): string[] {
  if (access !== "named") return [`http_access ${access} all`];
  return [
    `auth_param basic program /bin/sh ${folder}/helper.sh`,
    "auth_param basic children 1 startup=1 idle=1",
    "auth_param basic realm lab",
    "acl named proxy_auth REQUIRED",
    "http_access allow named",
    "http_access deny all",
  ];
}

async function squidProcess(role: Role, originHost: string, options: Options): Promise<LabProcess> {
  const { timeoutS = 3600, access = "allow" } = options;
  const port = await labPort();
  const [address, originPort] = originHost.split(":");
  const accel = [
    `http_port 127.0.0.1:${port} accel defaultsite=127.0.0.1 no-vhost`,
    `cache_peer ${address} parent ${originPort} 0 no-query no-digest no-netdb-exchange originserver name=origin`,
    "never_direct allow all",
  ];
  const lines = (folder: string) => [
    ...(role === "reverse" ? accel : [`http_port 127.0.0.1:${port}`]),
    ...accessLines(access, folder),
    "cache deny all",
    "cache_mem 8 MB",
    "memory_pools off",
    `read_timeout ${timeoutS} seconds`,
    "connect_timeout 2 seconds",
    "forward_timeout 4 seconds",
    "shutdown_lifetime 0 seconds",
    "visible_hostname lab.invalid",
    "pinger_enable off",
    "icp_port 0",
    "netdb_filename none",
    "pid_filename none",
    "access_log none",
    "cache_store_log none",
    "cache_log cache.log",
    "logfile_rotate 0",
    "max_filedescriptors 1024",
  ];
  return new LabProcess({
    name: "squid",
    program: findProgram("squid") ?? "squid",
    port,
    // Its shared memory is called after the service: two of one name cannot be at once.
    args: () => ["-N", "-n", `lab${port}`, "-f", "squid.conf"],
    files: (folder) => ({ "squid.conf": `${lines(folder).join("\n")}\n`, "helper.sh": helper }),
    logs: ["cache.log"],
    shared: true,
  });
}

function squid(
  name: string,
  role: Role,
  faults: readonly Fault[],
  about: string,
  options: Options = {},
): Configuration {
  return {
    name,
    product: "squid",
    role,
    good: faults.length === 0,
    faults,
    idleS: options.timeoutS ?? null,
    about,
    missing: async () => missingProgram("squid"),
    async start(originUrl) {
      const target = options.down ? `http://${nobody}` : originUrl;
      const made = await squidProcess(role, hostOf(target), options);
      return role === "reverse" ? reverse(made) : forward(made, target);
    },
  };
}

/** Cuts after so many seconds without a byte of the origin; its timer is coarse, a second or two more. */
export function squidIdle(role: Role, idleS: number, name = `squid-${role}-idle`): Configuration {
  const about = `ends a stream after ${idleS} s of silence (read_timeout ${idleS} seconds)`;
  return squid(name, role, ["idle-cut"], about, { timeoutS: idleS });
}

export const squidConfigurations: readonly Configuration[] = [
  squid("squid-good", "reverse", [], "accel, cache deny all, read_timeout 1h"),
  squidIdle("reverse", 3, "squid-idle"),
  squid("squid-down", "reverse", ["upstream-down"], "its peer refuses connections: 502 or 503 with X-Squid-Error", {
    down: true,
  }),
  squid("squid-forward-good", "forward", [], "asked for whole addresses, everything allowed"),
  squidIdle("forward", 3),
  squid("squid-forward-denied", "forward", ["denied"], "http_access deny: 403 with X-Squid-Error", { access: "deny" }),
  squid("squid-forward-down", "forward", ["upstream-down"], "the target refuses connections: 503 with X-Squid-Error", {
    down: true,
  }),
  squid("squid-connect-good", "connect", [], "asked for tunnels, everything allowed"),
  squidIdle("connect", 3),
  squid("squid-connect-denied", "connect", ["denied"], "refuses the CONNECT: 403 with X-Squid-Error", {
    access: "deny",
  }),
  squid("squid-connect-auth", "connect", ["denied"], "wants a name and a password (squidUser): 407 to the CONNECT", {
    access: "named",
  }),
  squid("squid-connect-fail", "connect", ["connect-fail"], "the CONNECT's target refuses: 503 with X-Squid-Error", {
    down: true,
  }),
];
