import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { journalVersion } from "../../main/io/journal/journal-schema.ts";
import { aJournal } from "./a-journal.ts";
import { anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const golden = (name: string) => new URL(`golden/${name}`, import.meta.url);

it.each(Array.from({ length: journalVersion }, (_, index) => index + 1))(
  "opens a journal of version %s, reads it as it was, and goes on in it",
  async (version) => {
    const dir = temporaryFolder();
    copyFileSync(golden(`v${version}.sqlite`), join(dir, "events.sqlite"));
    const expected = JSON.parse(readFileSync(golden(`v${version}.json`), "utf8"));
    const journal = await aJournal(dir);
    expect([journal.state, journal.problems]).toEqual(["ok", []]);
    const tailOf = async (stream: string) => {
      const { exact, behind, ...told } = await journal.tail(stream, everything, 50);
      expect([exact, behind]).toEqual([true, 0]);
      return told;
    };
    expect({
      orders: await tailOf("orders"),
      others: await tailOf("others"),
      details: await Promise.all([2, 3, 5].map((seq) => journal.get(seq))),
      cursors: await Promise.all(["orders", "others"].map((stream) => journal.cursor(stream))),
    }).toEqual(expected);
    expect((await journal.append("orders", [anEvent()], null)).seqs).toEqual([6]);
  },
);
