import { t } from "../words";
import { outside } from "./marks";

export interface Drawn {
  kind: string;
  names: string[];
  series: number[];
  limits: { centre: number[]; upper: number[]; lower: number[] | null };
  alarms: number[];
}

// On a phone the drawing is as narrow as the screen: drawn wide and shrunk, its words could not be read.
const WIDE = (globalThis.innerWidth || 1440) < 600 ? 340 : 640;
const [HIGH, LEFT, RIGHT, TOP, BOTTOM] = [180, 46, 10, 10, 24];

/** One control chart: line, limits, alarms as diamonds, the baseline's end; the same numbers as a table behind `details`. */
export function Chart({ chart, baseline, title }: { chart: Drawn; baseline: number; title: string }) {
  const { names, series, limits } = chart;
  const alarms = outside(chart.alarms, baseline);
  if (names.length === 0) return <p class="empty">{t("learning.chart.none")}</p>;
  const lower = limits.lower;
  const top = Math.max(...series, ...limits.upper, ...limits.centre) * 1.08 || 1;
  const bottom = Math.min(0, ...series, ...(lower ?? [0]));
  const x = (at: number) => LEFT + (at * (WIDE - LEFT - RIGHT)) / Math.max(1, names.length - 1);
  const y = (value: number) => TOP + ((top - value) * (HIGH - TOP - BOTTOM)) / (top - bottom);
  const path = (values: number[]) => values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const bad = new Set(alarms);
  const name = t(`learning.chart.${chart.kind}`);
  const last = names.length - 1;
  const frozen = baseline > 0 && baseline <= last ? (x(baseline - 1) + x(baseline)) / 2 : null;
  const beside = frozen !== null && frozen < WIDE - 130 ? 4 : -4; // its words stay inside the drawing
  return (
    <figure class="chart">
      <figcaption>
        <strong>{name}</strong> <small>{t(`learning.chart.${chart.kind}.says`)}</small>
      </figcaption>
      <svg viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={t("learning.chart.alt", { title, name, n: names.length, alarms: alarms.length, last: number(series[last] ?? 0), upper: number(limits.upper[last] ?? 0) })}>
        {frozen !== null && <rect class="base" x={LEFT} y={TOP} width={frozen - LEFT} height={HIGH - TOP - BOTTOM} />}
        {[0, top / 2, top].map((value) => (
          <text key={value} class="axis" x={LEFT - 6} y={y(value) + 4} text-anchor="end">{number(value)}</text>
        ))}
        <line class="floor" x1={LEFT} x2={WIDE - RIGHT} y1={y(0)} y2={y(0)} />
        <polyline class="limit" points={path(limits.upper)} />
        {lower && <polyline class="limit" points={path(lower)} />}
        <polyline class="centre" points={path(limits.centre)} />
        <polyline class="series" points={path(series)} />
        {frozen !== null && (
          <>
            <line class="frozen" x1={frozen} x2={frozen} y1={TOP} y2={HIGH - BOTTOM} />
            <text class="axis" x={frozen + beside} y={TOP + 10} text-anchor={beside > 0 ? "start" : "end"}>{t("learning.chart.frozen", { week: names[baseline - 1] ?? "" })}</text>
          </>
        )}
        {series.map((value, at) =>
          bad.has(at) ? (
            <path key={at} class="alarm" d={`M${x(at)} ${y(value) - 6}l6 6l-6 6l-6 -6z`}>
              <title>{`${names[at]}: ${number(value)}`}</title>
            </path>
          ) : (
            <circle key={at} class="point" cx={x(at)} cy={y(value)} r={2}>
              <title>{`${names[at]}: ${number(value)}`}</title>
            </circle>
          ),
        )}
        <text class="axis" x={LEFT} y={HIGH - 6}>{names[0]}</text>
        <text class="axis" x={WIDE - RIGHT} y={HIGH - 6} text-anchor="end">{names[last]}</text>
      </svg>
      <details>
        <summary>{t("learning.chart.table", { name })}</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label={`${title} ${name}`}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("learning.week")}</th>
                {["value", "centre", "upper", "lower"].map((one) => (
                  <th key={one} scope="col" class="number">{t(`learning.col.${one}`)}</th>
                ))}
                <th scope="col">{t("learning.col.alarm")}</th>
              </tr>
            </thead>
            <tbody>
              {names.map((week, at) => (
                <tr key={week}>
                  <th scope="row">{week}</th>
                  {[series[at], limits.centre[at], limits.upper[at], lower?.[at]].map((value, col) => (
                    <td key={col} class="number">{value === undefined || value === null ? "—" : number(value)}</td>
                  ))}
                  <td class={bad.has(at) ? "bad" : ""}>{bad.has(at) ? t("learning.alarm") : at < baseline ? t("learning.base") : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "—"; // too few to say
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}
