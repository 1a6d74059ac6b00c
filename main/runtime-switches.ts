/**
 * The switches of Electron, Chromium and Node that may stand on our command line: they are not ours to judge, they pass.
 * A list and not "anything goes", so that a misspelt flag of ours is found. Whether a packaged app obeys them is decided
 * by its fuses, not here.
 */

/** Whole names. */
const names = new Set([
  // Start-up and display, as desktop files, launchers and CI write them.
  ...[
    "--no-sandbox",
    "--disable-setuid-sandbox",
    "--disable-dev-shm-usage",
    "--no-zygote",
    "--headless",
    "--class",
    "--display",
  ],
  ...["--lang", "--force-device-scale-factor", "--high-dpi-support", "--force-color-profile", "--force-dark-mode"],
  ...["--force-prefers-reduced-motion", "--force-high-contrast", "--force-renderer-accessibility", "--gtk-version"],
  ...["--user-data-dir", "--password-store", "--allow-no-sandbox-job", "--no-first-run", "--no-default-browser-check"],
  ...["--in-process-gpu", "--single-process", "--test-type", "--use-gl", "--use-angle", "--ignore-gpu-blocklist"],
  // Finding faults.
  ...["--enable-logging", "--log-file", "--log-level", "--log-net-log", "--net-log-capture-mode", "--v", "--vmodule"],
  ...[
    "--js-flags",
    "--trace-warnings",
    "--trace-deprecation",
    "--trace-uncaught",
    "--no-deprecation",
    "--throw-deprecation",
  ],
  ...["--enable-source-maps", "--enable-crash-reporter", "--crash-dumps-dir", "--trace-startup", "--no-warnings"],
  // Network.
  ...["--proxy-server", "--proxy-bypass-list", "--proxy-pac-url", "--proxy-auto-detect", "--no-proxy-server"],
  ...["--origin-to-force-quic-on", "--ignore-certificate-errors-spki-list", "--host-rules", "--host-resolver-rules"],
  ...["--auth-server-whitelist", "--auth-negotiate-delegate-whitelist", "--ssl-version-min", "--ssl-version-max"],
  // Accessibility and other tools from outside.
  ...["--enable-automation", "--enable-unsafe-swiftshader", "--enable-precise-memory-info"],
]);

/** Families whose members nobody can list. */
const families = [
  "--inspect",
  "--remote-debugging-",
  "--remote-allow-origins",
  "--ozone-platform",
  "--enable-features",
  "--disable-features",
  "--enable-blink-features",
  "--disable-blink-features",
  "--enable-wayland-",
  "--wayland-",
  "--disable-gpu",
  "--disable-software-rasterizer",
  "--disable-background",
  "--disable-renderer-",
  "--disable-http",
  "--disable-crash-reporter",
  "--disable-hang-monitor",
  "--disable-extensions",
  "--disable-accelerated-",
  "--experimental-",
];

/** Whether a switch (without its value) belongs to the runtime. */
export function isRuntimeSwitch(flag: string): boolean {
  return names.has(flag) || families.some((family) => flag.startsWith(family));
}
