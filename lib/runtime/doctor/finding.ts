/** One thing that was looked at before anything trades. */
export type Finding = {
  readonly name: string;
  /** "problem": nothing should trade. "warning": it may. "skipped": it could not be looked at, see `found`. */
  readonly status: "ok" | "warning" | "problem" | "skipped";
  /** What is so. */
  readonly found: string;
  /** What to do; null when nothing. */
  readonly todo: string | null;
};

export function ok(name: string, found: string): Finding {
  return { name, status: "ok", found, todo: null };
}

export function warning(name: string, found: string, todo: string): Finding {
  return { name, status: "warning", found, todo };
}

export function problem(name: string, found: string, todo: string): Finding {
  return { name, status: "problem", found, todo };
}

export function skipped(name: string, found: string): Finding {
  return { name, status: "skipped", found, todo: null };
}
