interface Row {
  readonly fault: string;
  readonly outcome: string;
  readonly seconds: number;
}

/** What the VM test found out: a table fault x outcome x seconds from the injection until pictures flowed again. */
export class FaultReport {
  readonly #rows: Row[] = [];

  add(fault: string, outcome: string, seconds: number): void {
    this.#rows.push({ fault, outcome, seconds });
  }

  /** To stderr, as Markdown. */
  print(): void {
    const lines = this.#rows.map(({ fault, outcome, seconds }) => `| ${fault} | ${outcome} | ${seconds.toFixed(1)} |`);
    process.stderr.write(['| fault | outcome | seconds |', '|---|---|---|', ...lines, ''].join('\n'));
  }
}
