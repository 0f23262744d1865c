import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { span } from "./format";
import { t } from "./words";

interface Figures {
  queues: { queue: string; waiting: number; longest: number }[];
  breaches: { first_response: number; response: number; dormant: string[] };
  agents: { staff_id: string; name: string; status: string; open: number; capacity: number }[];
  reasons: [string, number][];
  first_response: { n: number; mean?: number; p50?: number; p90?: number };
  resolution: { n: number; resolved: number; rate: number | null; few: boolean };
  survey: { n: number; asked: number; mean?: number; means?: number[] };
}

const EVERY = 5_000;

export function Overview() {
  const desk = useDesk();
  const [shown, setShown] = useState<Figures | null>(null);
  useEffect(() => {
    const look = () => void desk.api.get<Figures>("/desk/api/overview").then(setShown).catch(() => undefined);
    look();
    const timer = setInterval(look, EVERY);
    return () => clearInterval(timer);
  }, []);
  if (!shown) return <main class="page" aria-busy="true" />;
  const { first_response: first, resolution, survey, breaches } = shown;
  const waiting = shown.queues.reduce((sum, one) => sum + one.waiting, 0);
  return (
    <main class="page">
      <div class="tiles">
        <Tile name="waiting" value={String(waiting)} />
        <Tile name="longest" value={span(Math.max(0, ...shown.queues.map((one) => one.longest)))} />
        <Tile name="breach" value={`${breaches.first_response} / ${breaches.response}`} bad={breaches.first_response + breaches.response > 0} />
        <Tile name="first" value={first.mean === undefined ? "—" : span(first.mean)} more={first.mean === undefined ? "" : `p50 ${span(first.p50 ?? 0)} · p90 ${span(first.p90 ?? 0)} · n=${first.n}`} />
        <Tile name="resolution" value={resolution.rate === null ? "—" : `${(resolution.rate * 100).toFixed(1)}%`} more={`${resolution.resolved}/${resolution.n}${resolution.few ? ` · ${t("overview.few")}` : ""}`} />
        <Tile name="survey" value={survey.mean === undefined ? "—" : survey.mean.toFixed(2)} more={`${survey.n}/${survey.asked}`} />
      </div>
      <section>
        <h2>{t("overview.queues")}</h2>
        <table>
          <thead>
            <tr>
              <th>{t("overview.queue")}</th>
              <th class="number" title={t("overview.waiting.def")}>{t("overview.waiting")}</th>
              <th class="number" title={t("overview.longest.def")}>{t("overview.longest")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.queues.map((one) => (
              <tr key={one.queue}>
                <td>{t(`queue.${one.queue}`)}</td>
                <td class="number">{one.waiting}</td>
                <td class="number">{one.waiting ? span(one.longest) : "—"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>{t("overview.agents")}</h2>
        <table>
          <tbody>
            {shown.agents.map((one) => (
              <tr key={one.staff_id}>
                <td>
                  <span class={`dot ${one.status}`} aria-hidden="true" /> {one.name || one.staff_id}
                </td>
                <td>{t(`status.${one.status}`)}</td>
                <td class="number">
                  {one.open} / {one.capacity}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>{t("overview.reasons")}</h2>
        <table>
          <tbody>
            {shown.reasons.map(([reason, count]) => (
              <tr key={reason}>
                <td>{t(`reason.${reason}`)}</td>
                <td class="number">{count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </main>
  );
}

function Tile({ name, value, more, bad }: { name: string; value: string; more?: string; bad?: boolean }) {
  return (
    <div class={bad ? "tile bad" : "tile"} title={t(`overview.${name}.def`)}>
      <h3>{t(`overview.${name}`)}</h3>
      <p>{value}</p>
      <small>{more || " "}</small>
      <span class="unseen">{t(`overview.${name}.def`)}</span>
    </div>
  );
}
