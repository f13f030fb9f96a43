import { type CaseResult, type Finding, RECEIVER_NAMES } from './suite.ts';

/** What went wrong in a case, in words; empty when all is as it must be. */
export function faultsOf(result: CaseResult): string[] {
  const { refused: reason, cannot = {}, name } = result.case;
  if (reason !== undefined) {
    if (result.refused === undefined) return [];
    const counted = result.sent === 0 && Object.keys(result.refused).join() === reason;
    return counted
      ? []
      : [`${name}: ${result.sent} frames sent, refused ${JSON.stringify(result.refused)}, wanted ${reason}`];
  }
  return result.findings.flatMap((finding) => {
    if (cannot[finding.receiver] !== undefined) return [];
    if (finding.seen === 0) return [`${name}: ${finding.receiver} saw nothing`];
    const miscounted = countFault(finding, result.sent);
    const wrong = isExact(finding) ? [] : [`${name}: ${finding.receiver} shows another picture`];
    return [...(miscounted === undefined ? [] : [`${name}: ${finding.receiver} ${miscounted}`]), ...wrong];
  });
}

/** Ours shows all that was sent; the socket of another may overflow once. A sender that does not tell is not judged. */
function countFault({ receiver, seen }: Finding, sent: number): string | undefined {
  const least = receiver === 'cambox' ? sent : sent - 1;
  return seen < least || seen > sent ? `saw ${seen} of ${sent} pictures` : undefined;
}

const isExact = ({ psnr }: Finding): boolean =>
  Object.values(psnr).every((figure) => figure === Number.POSITIVE_INFINITY);

const decibels = (figure: number): string =>
  figure === Number.POSITIVE_INFINITY ? 'inf' : Number.isNaN(figure) ? 'other size' : figure.toFixed(1);

function cell(result: CaseResult, finding: Finding | undefined): string {
  if (finding === undefined) return '';
  const cannot = result.case.cannot?.[finding.receiver];
  if (cannot !== undefined && !isExact(finding)) return `cannot: ${cannot}`;
  if (finding.seen === 0) return cannot === undefined ? '0' : `cannot: ${cannot}`;
  const { Y, U, V } = finding.psnr;
  return `${finding.seen}, ${[Y, U, V].map(decibels).join(' ')}`;
}

/** A Markdown table: each input, what was sent of it, and for every receiver the frames seen and the PSNR on Y, U, V. */
export function conformanceTable(results: readonly CaseResult[]): string {
  const rows = results.map((result) => {
    const { refused: reason, name } = result.case;
    const sent = Number.isNaN(result.sent) ? '?' : String(result.sent);
    const first = reason === undefined ? sent : `refused: ${Object.keys(result.refused ?? {}).join(' ') || '?'}`;
    const cells = RECEIVER_NAMES.map((receiver) =>
      cell(
        result,
        result.findings.find((one) => one.receiver === receiver),
      ),
    );
    return `| ${[name, first, ...cells].join(' | ')} |`;
  });
  const head = ['input', 'sent', ...RECEIVER_NAMES.map((name) => `${name}: frames, PSNR Y U V`)];
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...rows].join('\n');
}
