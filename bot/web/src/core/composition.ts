// Whether a press of Enter ends a composition or sends. Three signs, because no browser gives all of them:
// the composition events, keyCode 229 (older Android and Safari), and a short guard after compositionend
// (Safari reports the committing Enter only after the composition has ended).

const GUARD = 100; // milliseconds

export interface EnterPress {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
}

export class CompositionGuard {
  private composing = false;
  private endedAt = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  started(): void {
    this.composing = true;
  }

  ended(): void {
    this.composing = false;
    this.endedAt = this.now();
  }

  /** A composition whose end was never reported (focus lost) must not block sending for ever. */
  left(): void {
    this.composing = false;
  }

  /** True when this key press means "send". */
  sends(press: EnterPress): boolean {
    if (press.key !== "Enter" || press.shiftKey) return false;
    if (this.composing || press.isComposing || press.keyCode === 229) return false;
    return this.now() - this.endedAt >= GUARD;
  }
}
