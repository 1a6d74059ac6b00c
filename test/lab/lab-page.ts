/** The page of `npm run lab`: where everything stands, and what it does wrong. One piece of HTML, without a script. */
import type { Configuration, RunningProxy } from "./configuration.ts";
import { behaviours } from "./origin-behaviours.ts";

/** A configuration and where it stands; `reason`: why it does not. */
export type Place = {
  readonly configuration: Configuration;
  readonly running: RunningProxy | null;
  readonly reason: string;
};

const style = `body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1d2433}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d9dee8}
code{font:13px ui-monospace,monospace}.good{color:#11693b}.bad{color:#9c2a1a}.none{color:#6b7386}`;

/** @param originUrl the origin itself, without a proxy */
export function page(originUrl: string, places: readonly Place[]): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Holdfast: the lab of proxies</title><style>${style}</style>
<h1>The lab of proxies</h1>
<p>One origin, ${link(originUrl, "/health", originUrl)}, and in front of it every proxy in good and in bad configurations.
Each path of the origin has a fault of its own; ask for it through any proxy.</p>
<h2>Proxies</h2>
<table><tr><th>configuration</th><th>where</th><th>faults</th><th>what it does</th></tr>
${places.map(row).join("\n")}
</table>
<h2>Paths of the origin</h2>
<table><tr><th>path</th><th>what the origin does there</th></tr>
${Object.entries(behaviours)
  .map(
    ([path, { about, example = path }]) =>
      `<tr><td>${link(originUrl, example, example)}</td><td>${text(about)}</td></tr>`,
  )
  .join("\n")}
</table></html>
`;
}

function row({ configuration, running, reason }: Place): string {
  const { name, good, faults, about } = configuration;
  const faultWords = good ? '<span class="good">good</span>' : `<span class="bad">${text(faults.join(", "))}</span>`;
  return `<tr><td><code>${text(name)}</code></td><td>${where(running, reason)}</td><td>${faultWords}</td><td>${text(about)}</td></tr>`;
}

function where(running: RunningProxy | null, reason: string): string {
  if (running === null) return `<span class="none">left out: ${text(reason)}</span>`;
  const { url, proxyUrl } = running;
  if (proxyUrl === null)
    return ["/events", "/quiet", "/mute"].map((path) => link(url, path, `${url}${path}`)).join("<br>");
  return `by the proxy <code>${text(proxyUrl)}</code>:<br><code>${text(`${url}/events`)}</code>`;
}

function link(base: string, path: string, words: string): string {
  return `<a href="${text(base + path)}"><code>${text(words)}</code></a>`;
}

function text(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
