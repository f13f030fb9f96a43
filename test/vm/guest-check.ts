import type { Vm } from './vm.ts';

const NODE = '/usr/lib/cambox/node';
const GUEST_FILES = '/checkout/test/vm/guest';
const ATTEMPTS = 2;
/** The script's exit code for a check that ended before it wrote BEGINS. */
const NOT_BEGUN = 3;
/** What a check writes once it is loaded: node:test's own report is lost when a process is killed. */
const BEGINS = 'the tests begin';

export interface CheckOptions {
  /** Of the unit that it runs in, as systemd-run takes them. */
  readonly properties?: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** Seconds. */
  readonly limitS: number;
}

/**
 * Runs tests inside the guest: a file of test/vm/guest, in a unit of its own. Throws with what failed in it.
 *
 * Rarely an emulated system does not get as far as the first test (the unit is not started, or the shared folder does not
 * read): nothing is known about cambox then, so what systemd, the kernel and Node said is printed, and it is run again.
 */
export async function runCheck(vm: Vm, file: string, options: CheckOptions): Promise<void> {
  const script = checkScript(file, options);
  for (let attempt = 1; ; attempt++) {
    const { code, output } = await vm.run(script, options.limitS);
    if (code === 0) return;
    const failure = `In the VM ${file} ended with ${code}:\n${output}`;
    if (code !== NOT_BEGUN || attempt === ATTEMPTS) throw new Error(failure);
    process.stderr.write(`vm: trying once more: ${failure}\n`);
  }
}

function checkScript(file: string, { properties = [], nodeFlags = [] }: CheckOptions): string {
  const unit = file.replace('.ts', '');
  const log = `/tmp/${unit}.log`;
  const options = properties.map((property) => `--property='${property}'`).join(' ');
  const command = [NODE, ...nodeFlags, `${GUEST_FILES}/${file}`].join(' ');
  // What the check writes goes to the guest's own disk: it must not depend on the folder that is shared.
  return `
    cd /
    systemctl reset-failed ${unit} 2>/dev/null
    systemd-run --quiet --wait --pipe --unit=${unit} ${options} ${command} >${log} 2>&1 && exit 0
    echo "systemd-run ended with $?"
    if grep -q 'failing tests:' ${log}; then
      sed -n '/failing tests:/,$p' ${log}
      exit 1
    fi
    tail -n 40 ${log}
    systemctl show ${unit} --property=Result,ExecMainCode,ExecMainStatus,ActiveState
    journalctl --no-pager --lines=30
    dmesg | grep -v vhci_hcd | tail -n 20
    if grep -q '${BEGINS}' ${log}; then exit 1; else exit ${NOT_BEGUN}; fi`;
}
