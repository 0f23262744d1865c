import { useState } from "preact/hooks";
import { useDesk } from "../context";
import { clock } from "../format";
import { t } from "../words";
import type { Catalogue, Fault, File, Record_ } from "./types";

type Contents = Record<string, string | string[]>;
const GIVEN = ["review", "mediation", "regulator", "court"]; // the law's words: kept as they are

/** The decision letter: proposed from the file, checked as it is written, kept as versions; one with faults cannot be sent. */
export function Letter({ base, file, catalogue, change }: { base: string; file: File; catalogue: Catalogue; change: (path: string, body: Record_) => Promise<boolean> }) {
  const desk = useDesk();
  const [language, setLanguage] = useState(catalogue.languages[0] ?? "zh-Hans");
  const [contents, setContents] = useState<Contents | null>(null);
  const [faults, setFaults] = useState<Fault[]>([]);
  const draft = async () => {
    const found = await desk.try(() => desk.api.get<{ contents: Contents; faults?: Fault[] }>(`${base}/letters/draft?language=${language}`));
    if (!found) return;
    setContents(found.contents);
    setFaults(found.faults ?? []);
  };
  const check = async (next: Contents) => {
    const found = await desk.try(() => desk.api.post<{ faults: Fault[] }>(`${base}/letters/check`, { language, contents: next }));
    if (found) setFaults(found.faults);
  };
  const write = (part: string, typed: string, last: boolean) => {
    const value = Array.isArray(contents?.[part]) ? typed.split("\n").filter((line) => line.trim()) : typed;
    const next = { ...contents, [part]: value };
    setContents(next);
    if (last) void check(next);
  };
  const about = (part: string) => faults.filter((one) => one.where === part);
  return (
    <section>
      <h3>{t("complaints.letter")}</h3>
      <ul class="records">
        {file.letters.map((one) => (
          <li key={one.letter_id}>
            {t("complaints.version", { n: one.version })} · {one.language} · {clock(one.at)} · {one.faults.length ? t("complaints.faults", { n: one.faults.length }) : t("complaints.sound")}{" "}
            <a href={`${base}/letters/${one.letter_id}.html`} target="_blank" rel="noopener">HTML</a> <a href={`${base}/letters/${one.letter_id}.pdf`} target="_blank" rel="noopener">PDF</a>
          </li>
        ))}
      </ul>
      <p class="acts">
        <select aria-label={t("complaints.language")} value={language} onChange={(event) => { setLanguage(event.currentTarget.value); setContents(null); }}>
          {catalogue.languages.map((one) => <option key={one} value={one}>{one}</option>)}
        </select>
        <button type="button" onClick={() => void draft()}>{t("complaints.draft")}</button>
      </p>
      {contents && (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void change("letters", { language, contents }).then((done) => done && setContents(null));
          }}
        >
          {Object.entries(contents).map(([part, value]) => (
            <label key={part}>
              {t(`letter.${part}`)}
              <textarea
                rows={Array.isArray(value) ? Math.max(2, value.length + 1) : value.length > 80 ? 4 : 2}
                readOnly={GIVEN.includes(part)}
                aria-invalid={about(part).length > 0}
                value={Array.isArray(value) ? value.join("\n") : value}
                onInput={(event) => write(part, event.currentTarget.value, false)}
                onChange={(event) => write(part, event.currentTarget.value, true)}
              />
              {about(part).map((one, index) => (
                <span key={index} class="bad">{one.words || one.rule}</span>
              ))}
            </label>
          ))}
          {faults.filter((one) => !(one.where in contents)).map((one, index) => <p key={index} class="bad">{one.words || one.rule}</p>)}
          <button type="submit" class="primary">{t("complaints.keep")}</button>
        </form>
      )}
    </section>
  );
}
