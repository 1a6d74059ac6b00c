/** A sentence that was not true, and of which stream. */
export class Broken extends Error {
  readonly sentence: string;
  readonly stream: string;

  constructor(sentence: string, stream: string, detail = "") {
    super(detail === "" ? sentence : `${sentence}: ${detail}`);
    this.sentence = sentence;
    this.stream = stream;
  }
}
