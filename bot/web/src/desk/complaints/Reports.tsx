import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../words";
import { number } from "./Chart";
import { Failed, subject, type Subjects } from "./Learning";
import { useLoad } from "./load";

interface Share { n: number; good: number; share: number | null; low: number | null; high: number | null; few: boolean }
interface Spread { n: number; mean: number | null; p50: number | null; p90: number | null }
interface Pareto { names: string[]; counts: number[]; running: number[]; total: number }
interface Report {
  received: number; open: number; per_1000: number | null; active_loans: number;
  on_time: { level: Record<string, Share>; handler: Record<string, Share> };
  hours_to_contact: Spread; days_to_decide: Spread;
  repeat: Share; reopened: Share; accepted: Share; upheld: Share; satisfied: Share;
  hot_spots: { product: string; channel: string; step: string; n: number; share: number; per_1000: number | null }[];
  causes: Pareto; subjects: Pareto;
}
interface Effect { before: number; after: number; relative: number | null; low: number | null; high: number | null; p: number | null; test: string; n: [number, number]; significant: boolean }
interface Compared { effects: Record<string, Effect>; untested: Record<string, string>; days: number }

const BASE = "/desk/api/complaints/learning";
const iso = (day: Date) => day.toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" });
const ago = (days: number) => iso(new Date(Date.now() - days * 86_400_000));
const percent = (value: number | null | undefined) => (value === null || value === undefined ? "—" : `${(value * 100).toFixed(1)}%`);

export function Reports({ subjects }: { subjects: Subjects }) {
  const [since, setSince] = useState(ago(29));
  const [until, setUntil] = useState(ago(0));
  const ask = `?since=${since}&until=${until}`;
  const report = useLoad<Report>(`${BASE}/report${ask}`);
  const compared = useLoad<Compared>(`${BASE}/compare${ask}`);
  const one = report.data;
  return (
    <>
      <section>
        <div class="learn-form">
          <label>{t("learning.since")}<input type="date" required value={since} max={until} onChange={(event) => event.currentTarget.value && setSince(event.currentTarget.value)} /></label>
          <label>{t("learning.till")}<input type="date" required value={until} min={since} onChange={(event) => event.currentTarget.value && setUntil(event.currentTarget.value)} /></label>
          {[30, 90, 365].map((days) => <button key={days} type="button" onClick={() => { setSince(ago(days - 1)); setUntil(ago(0)); }}>{t("learning.last", { n: days })}</button>)}
        </div>
        {report.failed && <Failed why={report.failed} again={report.again} />}
        {!one && report.busy && <p class="empty">{t("learning.loading")}</p>}
        {one?.received === 0 && <p class="empty">{t("learning.report.none")}</p>}
      </section>
      {one && one.received > 0 && (
        <>
          <div class="tiles" aria-busy={report.busy}>
            <Tile name="received" value={String(one.received)} more={`${t("learning.open", { n: one.open })} · ${one.per_1000 === null ? "—" : number(one.per_1000)}‰`} />
            <Spreads name="contact" of={one.hours_to_contact} />
            <Spreads name="decide" of={one.days_to_decide} />
            {(["repeat", "reopened", "accepted", "upheld", "satisfied"] as const).map((key) => (
              <Tile key={key} name={key} value={percent(one[key].share)} more={says(one[key])} />
            ))}
          </div>
          <div class="pair">
            <OnTime title={t("learning.by.level")} of={one.on_time.level} />
            <OnTime title={t("learning.by.handler")} of={one.on_time.handler} />
            <Bars title={t("learning.causes")} of={one.causes} name={(code) => t(`root_cause.${code}`)} />
            <Bars title={t("learning.subjects")} of={one.subjects} name={(code) => subject(subjects, code)} />
          </div>
          <section>
            <h2>{t("learning.hot")}</h2>
            <Wide title={t("learning.hot")}>
              <table>
                <thead><tr>{["product", "channel", "step"].map((key) => <th key={key} scope="col">{t(`learning.hot.${key}`)}</th>)}{["n", "share", "rate"].map((key) => <th key={key} scope="col" class="number">{t(`learning.hot.${key}`)}</th>)}</tr></thead>
                <tbody>
                  {one.hot_spots.map((spot) => (
                    <tr key={`${spot.product}|${spot.channel}|${spot.step}`}>
                      <td>{spot.product || "—"}</td><td>{spot.channel}</td><td>{subject(subjects, spot.step)}</td>
                      <td class="number">{spot.n}</td><td class="number">{percent(spot.share)}</td><td class="number">{spot.per_1000 === null ? "—" : number(spot.per_1000)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
          </section>
        </>
      )}
      <section aria-busy={compared.busy}>
        <h2>{t("learning.compare", { n: compared.data?.days ?? "" })}</h2>
        <p class="small">{t("learning.compare.says")}</p>
        {compared.failed ? <Failed why={compared.failed} again={compared.again} /> : compared.data && <Wide title={t("learning.compare", { n: compared.data.days })}><Compare of={compared.data} /></Wide>}
      </section>
    </>
  );
}

/** A table of many columns: on a narrow screen it moves sideways by itself, and the page does not. */
function Wide({ title, children }: { title: string; children: ComponentChildren }) {
  return <div class="wide-table" tabIndex={0} role="region" aria-label={title}>{children}</div>;
}

function says(one: Share): string {
  if (!one.n) return "n=0";
  return `${one.good}/${one.n} · ${percent(one.low)}–${percent(one.high)}${one.few ? ` · ${t("learning.few")}` : ""}`;
}

function Tile({ name, value, more }: { name: string; value: string; more: string }) {
  return <div class="tile"><h3>{t(`learning.tile.${name}`)}</h3><p>{value}</p><small>{more}</small></div>;
}

function Spreads({ name, of }: { name: string; of: Spread }) {
  return <Tile name={name} value={of.p50 === null ? "—" : number(of.p50)} more={of.mean === null ? "n=0" : t("learning.spread", { mean: number(of.mean), p90: number(of.p90 ?? 0), n: of.n })} />;
}

function Bar({ part }: { part: number }) {
  return (
    <svg class="bars" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="back" width="100" height="10" /><rect width={Math.max(0, Math.min(1, part)) * 100} height="10" />
    </svg>
  );
}

function OnTime({ title, of }: { title: string; of: Record<string, Share> }) {
  const rows = Object.entries(of);
  return (
    <section>
      <h2>{title}</h2>
      {rows.length === 0 ? <p class="empty">{t("learning.due.none")}</p> : (
        <table><tbody>{rows.map(([key, one]) => (
          <tr key={key}><th scope="row">{key === "-" ? t("complaints.nobody") : key}</th><td><Bar part={one.share ?? 0} /><small>{says(one)}</small></td><td class="number">{percent(one.share)}</td></tr>
        ))}</tbody></table>
      )}
    </section>
  );
}

function Bars({ title, of, name }: { title: string; of: Pareto; name: (code: string) => string }) {
  const most = Math.max(1, ...of.counts);
  return (
    <section>
      <h2>{title}</h2>
      {of.total === 0 ? <p class="empty">{t("learning.causes.none")}</p> : (
        <table>
          <thead><tr><th scope="col">{t("learning.what")}</th><th scope="col"><span class="unseen">{t("learning.bar")}</span></th><th scope="col" class="number">n</th><th scope="col" class="number">{t("learning.running")}</th></tr></thead>
          <tbody>{of.names.map((code, at) => (
            <tr key={code}><th scope="row">{name(code)}</th><td><Bar part={(of.counts[at] ?? 0) / most} /></td><td class="number">{of.counts[at]}</td><td class="number">{percent(of.running[at] ?? null)}</td></tr>
          ))}</tbody>
        </table>
      )}
    </section>
  );
}

function Compare({ of }: { of: Compared }) {
  const show = (key: string, value: number) => (key === "days_to_decide" ? number(value) : key === "per_active_loan" ? `${number(value * 1000)}‰` : percent(value));
  const bounds = (key: string, one: Effect) => (key === "per_active_loan" ? `×${number(one.low)}–${number(one.high)}` : key === "days_to_decide" ? `${number(one.low)}–${number(one.high)}` : `${percent(one.low)}–${percent(one.high)}`);
  return (
    <table>
      <thead><tr><th scope="col">{t("learning.measure")}</th>{["before", "after", "change", "interval", "p", "n"].map((key) => <th key={key} scope="col" class="number">{t(`learning.cmp.${key}`)}</th>)}<th scope="col">{t("learning.verdict")}</th></tr></thead>
      <tbody>
        {Object.entries(of.effects).map(([key, one]) => (
          <tr key={key}>
            <th scope="row">{t(`learning.measure.${key}`)}</th>
            <td class="number">{show(key, one.before)}</td><td class="number">{show(key, one.after)}</td><td class="number">{one.relative === null ? "—" : `${one.relative > 0 ? "+" : ""}${percent(one.relative)}`}</td>
            <td class="number">{bounds(key, one)}</td><td class="number" title={one.test}>{one.p === null ? "—" : one.p < 0.001 ? "<0.001" : one.p.toFixed(3)}</td><td class="number">{one.n.join(" / ")}</td>
            <td class="verdict">{t(one.significant ? "learning.stands" : "learning.chance")}</td>
          </tr>
        ))}
        {Object.keys(of.untested).map((key) => <tr key={key}><th scope="row">{t(`learning.measure.${key}`)}</th><td colSpan={7}>{t("learning.untested")}</td></tr>)}
      </tbody>
    </table>
  );
}
