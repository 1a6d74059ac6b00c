/** Saves contents that count up until it is killed, by turns in both ways, and tells its parent which are saved. */
import { SafeFile } from "../../main/io/stores/safe-file.ts";
import { checkedContent, isChecked } from "./checked-content.ts";

const [path = "", from = "0"] = process.argv.slice(2);
const file = new SafeFile(path, isChecked, 1_000_000);
for (let n = Number(from) + 1; ; n++) {
  const code = n % 2 === 0 ? file.write(checkedContent(n)) : await file.writeLater(checkedContent(n));
  if (code !== null) throw new Error(code);
  process.send?.(n);
}
