/**
 * The ways a stream may go: a button that names the transport in use, and behind it the list of all of them with what each is
 * good for. It chooses nothing: the order is the settings', the choice is main's.
 */
import { Button, DialogTrigger, Popover } from "react-aria-components";
import type { StreamView } from "../../preload/contract.ts";
import { cx } from "../class-names.ts";
import { Icon } from "../components/icon.tsx";
import { StandingSign, toneOfStanding } from "../components/standing-sign.tsx";
import { cutWords, hopNames } from "../text/connection-words.ts";
import { cutMiddle } from "../text/cut-middle.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";
import { placeOf, standingWords, transportName, type Way, waysHint } from "../text/way-words.ts";
import css from "./ways.module.css";

/** What fits into the pop-up in one line; the whole address is its title. */
const addressLetters = 48;

/** From the button over the rest of the bar and the filter of the events, which stays in sight. */
const belowFilterPx = 66;

/** In the connection bar. */
export function Ways({ stream }: { stream: StreamView }) {
  const { say } = useLanguage();
  const { candidates } = stream;
  const transport = transportName(stream.transport);
  const place = placeOf(stream);
  const total = candidates.length;
  const label = place === null ? say("ways.button", { transport }) : say("ways.button.of", { transport, place, total });
  return (
    <DialogTrigger>
      <Button className={cx(css["button"])} aria-label={label}>
        {transport}
        {place === null ? null : <span className={css["place"]}>{` ${place}/${total}`}</span>}
        <Icon name="down" size={12} />
      </Button>
      <Popover
        className={cx(css["popover"])}
        placement="bottom end"
        offset={belowFilterPx}
        aria-label={say("ways.title")}
      >
        <div className={css["body"]}>
          <h2 className={css["title"]}>{say("ways.title")}</h2>
          <p className={css["hint"]}>{say(waysHint(stream))}</p>
          <ol className={css["list"]}>
            {candidates.map((way) => (
              <WayItem key={`${way.transport} ${way.address}`} way={way} stream={stream} />
            ))}
          </ol>
          <Details stream={stream} />
        </div>
      </Popover>
    </DialogTrigger>
  );
}

function WayItem({ way, stream }: { way: Way; stream: StreamView }) {
  const language = useLanguage();
  const address = visibleLine(way.address);
  return (
    <li className={css["way"]} data-standing={way.standing} data-tone={toneOfStanding(way.standing, stream)}>
      <StandingSign standing={way.standing} stream={stream} />
      <div className={css["what"]}>
        <bdi className={css["address"]} title={address}>
          {cutMiddle(address, addressLetters)}
        </bdi>
        <span className={css["standing"]}>
          {[transportName(way.transport), standingWords(language, way.standing, stream.phase)].join(
            language.say("separator"),
          )}
        </span>
      </div>
    </li>
  );
}

/** What else is known of the way in use; nothing where nothing is. */
function Details({ stream }: { stream: StreamView }) {
  const language = useLanguage();
  const { say } = language;
  const { endpoint, proxy, duplicates, candidates, path } = stream;
  // Of the connection that was open last: beside the address that is tried now it would be said of the wrong server.
  const { server, httpVersion } = stream.phase === "open" ? stream : { server: null, httpVersion: null };
  const asked = candidates.find(({ standing }) => standing === "used")?.address;
  const facts: [term: string, value: string][] = [];
  if (asked !== undefined && endpoint !== asked) facts.push([say("ways.endpoint"), visibleLine(endpoint)]);
  const version = httpVersion === null ? null : `HTTP/${httpVersion.replace(/^HTTP\//i, "")}`;
  const answered = [server, version].filter((each) => each !== null).join(say("separator"));
  if (answered !== "") facts.push([say("ways.server"), visibleLine(answered)]);
  if (proxy !== null) facts.push([say("ways.proxy"), visibleLine(proxy)]);
  if (path.hops.length > 0) facts.push([say("ways.path"), hopNames(language, path.hops)]);
  const cut = cutWords(language, stream);
  if (cut !== null) facts.push([say("ways.idleCut"), cut]);
  if (duplicates > 0) facts.push([say("ways.duplicates"), say("ways.duplicates.value", { count: duplicates })]);
  if (facts.length === 0) return null;
  return (
    <dl className={css["facts"]}>
      {facts.map(([term, value]) => (
        <div key={term} className={css["pair"]}>
          <dt className={css["term"]}>{term}</dt>
          <dd className={css["value"]}>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}
