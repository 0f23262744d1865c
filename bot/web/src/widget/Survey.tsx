// How a service was, in three answers from one to five. Sent as the borrower's own words, so that any channel can say the same.

import { useState } from "preact/hooks";
import type { SurveyCard } from "../core/protocol";
import { useChat } from "./context";

const SCORES = [1, 2, 3, 4, 5];

export function Survey({ card, active }: { card: SurveyCard; active: boolean }) {
  const chat = useChat();
  const [scores, setScores] = useState<(number | null)[]>(card.questions.map(() => null));
  const whole = scores.every((one) => one !== null);
  return (
    <form
      class="card survey"
      onSubmit={(event) => {
        event.preventDefault();
        if (whole) chat.choose(`${card.say} ${scores.join(" ")}`);
      }}
    >
      <p class="card-title">{card.title}</p>
      {card.questions.map((question, index) => (
        <fieldset key={question} disabled={!active}>
          <legend>{question}</legend>
          {SCORES.map((score) => (
            <label key={score} class={scores[index] === score ? "on" : ""}>
              <input
                type="radio"
                name={`${card.title}${index}`}
                value={score}
                checked={scores[index] === score}
                aria-label={`${question} ${score}`}
                onChange={() => setScores(scores.map((one, at) => (at === index ? score : one)))}
              />
              {score}
            </label>
          ))}
        </fieldset>
      ))}
      <p class="card-note">
        1 {card.scale[0]} – 5 {card.scale[1]}
      </p>
      <button type="submit" class="choice" disabled={!active || !whole}>
        {card.button}
      </button>
    </form>
  );
}
