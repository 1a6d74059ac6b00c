/** Texts that would like to be more than text: markup, script, addresses, bidi tricks, endless words. */

const marked = "window.__pwned=1";
const tags = ["script", "svg", "img", "iframe", "object", "embed", "video", "audio", "body", "details", "marquee", "math", "template", "style", "link", "meta", "base", "form", "input", "webview"];
const handlers = ["onerror", "onload", "onclick", "onfocus", "ontoggle", "onmouseover", "onanimationstart", "onbegin"];
const schemes = ["javascript:", "JaVaScRiPt:", "java\tscript:", "data:text/html,", "vbscript:", "file:///etc/passwd#", "blob:https://evil.test/", "app://holdfast/"];

const handWritten = [
  `<script>${marked}</script>`,
  `</script><script>${marked}</script>`,
  `"><script>${marked}</script>`,
  `'><img src=x onerror=${marked}>`,
  `<svg/onload=${marked}>`,
  `<svg><script>${marked}</script></svg>`,
  `<svg><animate onbegin=${marked} attributeName=x dur=1s>`,
  `<math><mtext></table><mglyph><style><img src=x onerror=${marked}>`,
  `<noscript><p title="</noscript><img src=x onerror=${marked}>">`,
  `<style>@import url(https://evil.test/x.css);*{background:url(https://evil.test/x.png)}</style>`,
  `<link rel=stylesheet href=https://evil.test/x.css>`,
  `<img src="https://evil.test/track.gif">`,
  `<a href="javascript:${marked}">press</a>`,
  `[press](javascript:${marked})`,
  `![](https://evil.test/x.png)`,
  `{{constructor.constructor('${marked}')()}}`,
  `\${${marked}}`,
  `<%= ${marked} %>`,
  `{"__proto__":{"polluted":true}}`,
  `{"constructor":{"prototype":{"polluted":true}}}`,
  `{"<img src=x onerror=${marked}>":"<script>${marked}</script>"}`,
  `["<svg onload=${marked}>",{"a":"</div><script>${marked}</script>"}]`,
  `{"toString":"x","hasOwnProperty":1,"length":-1}`,
  `{"$$typeof":"Symbol(react.element)","type":"script","props":{"dangerouslySetInnerHTML":{"__html":"${marked}"}}}`,
  "\u202Egnp.exe\u202C",
  "a\u200Bb\u200Dc\uFEFFd",
  "\u2066left\u2067right\u2069",
  "Z\u0351\u036B\u0343\u036A\u0302A\u0334\u0335\u031E\u0335\u0329\u034CL\u0323\u032DG\u031E\u0320O",
  "\u001b[31mred\u001b[0m \u001b]0;title\u0007",
  "\ud800 half a pair \udfff",
  "x".repeat(50_000),
  "👩‍👩‍👧‍👦".repeat(500),
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  "file:///etc/passwd",
  "https://evil.test/?q=<script>",
  "＜script＞alert(1)＜/script＞",
  "%3Cscript%3Ealert(1)%3C/script%3E",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "&#x3c;img src=x onerror=alert(1)&#x3e;",
  "{name, plural, one {#} other {{boom}}}",
];

/** More than two hundred; each sets `window.__pwned`, or makes a request, if it is ever taken for anything but text. */
export const hostileTexts: readonly string[] = [
  ...handWritten,
  ...tags.flatMap((tag) => handlers.map((handler) => `<${tag} src=https://evil.test/${tag} ${handler}="${marked}" autofocus open>`)),
  ...schemes.map((scheme) => `<a href="${scheme}${marked}">x</a><iframe src="${scheme}${marked}"></iframe>`),
  ...schemes.map((scheme) => `${scheme}${marked}`),
];
