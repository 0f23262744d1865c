import { useEffect, useState } from "preact/hooks";
import { useDesk } from "./context";
import { switchLanguage, t } from "./words";

interface Demo {
  staff_id: string;
  name: string;
  role: string;
  password: string;
  code: string;
}

export function Login() {
  const desk = useDesk();
  const [demo, setDemo] = useState<Demo[]>([]);
  useEffect(() => {
    void fetch("/demo/staff")
      .then((answer) => (answer.ok ? (answer.json() as Promise<Demo[]>) : []))
      .then(setDemo)
      .catch(() => undefined);
  }, []);
  const demoLogin = async (one: Demo) => {
    const fresh = (await (await fetch("/demo/staff")).json()) as Demo[];
    const now = fresh.find((other) => other.staff_id === one.staff_id) ?? one;
    await desk.login(now.staff_id, now.password, now.code);
  };
  return (
    <main class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const field = (name: string) => (event.currentTarget.elements.namedItem(name) as HTMLInputElement).value;
          void desk.login(field("staff_id").trim(), field("password"), field("code").trim());
        }}
      >
        <h1>{t("login.title")}</h1>
        {desk.notice.value && <p class="notice" role="alert">{desk.notice.value}</p>}
        <label>
          {t("login.id")}
          <input name="staff_id" autocomplete="username" required />
        </label>
        <label>
          {t("login.password")}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <label>
          {t("login.code")}
          <input name="code" inputMode="numeric" autocomplete="one-time-code" placeholder={t("login.code.hint")} />
        </label>
        <button type="submit" class="primary">{t("login.go")}</button>
        <button type="button" class="plain" onClick={switchLanguage}>{t("language")}</button>
      </form>
      {demo.length > 0 && (
        <section class="demo-accounts">
          <p>{t("login.demo")}</p>
          <ul>
            {demo.map((one) => (
              <li key={one.staff_id}>
                <button type="button" onClick={() => void demoLogin(one)}>
                  {one.name} <small>{t(`role.${one.role}`)} · {one.staff_id}</small>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}
