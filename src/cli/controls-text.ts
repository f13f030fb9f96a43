import type { Control } from '../v4l2/control.ts';
import type { ControlState } from '../v4l2/control-groups.ts';
import { alignColumns, wrapAfter } from './text-columns.ts';

/** Controls by group, each a row: name as in the config, value, default, what is allowed. Menus list their items. */
export function describeControls(states: readonly ControlState[]): string[] {
  const groups = [...new Set(states.map(({ group }) => group))];
  return groups.flatMap((group) => {
    const members = states.filter((state) => state.group === group);
    const rows = alignColumns([[`    ${group}`, 'now', 'default', ''], ...members.map(rowOf)], [1, 2]);
    // the row of a menu is followed by its items
    return rows.flatMap((row, i) => [row, ...(i === 0 ? [] : describeMenu(members[i - 1]!.control))]);
  });
}

function rowOf({ control, value }: ControlState): string[] {
  const preset = 'defaultValue' in control && control.kind !== 'button' ? show(control, control.defaultValue) : '';
  return [`      ${control.name}`, isAsked(control) ? show(control, value ?? '?') : '', preset, describeRange(control)];
}

const isAsked = ({ kind }: Control): boolean => kind !== 'button' && kind !== 'compound';

const show = ({ kind }: Control, value: number | bigint | string): string =>
  kind === 'bitmask' && typeof value === 'number' ? `0x${(value >>> 0).toString(16)}` : String(value);

function describeRange(control: Control): string {
  const notes = [...(control.readOnly ? ['read only'] : []), ...(control.inactive ? ['inactive'] : [])];
  return [describeValues(control), ...notes].join(', ');
}

function describeValues(control: Control): string {
  switch (control.kind) {
    case 'boolean':
      return '0 off, 1 on';
    case 'menu':
    case 'integer_menu':
      return 'menu';
    case 'button':
      return 'to press';
    case 'bitmask':
      return `bits of ${show(control, control.maximum)}`;
    case 'string':
      return `${control.minimum}..${control.maximum} characters`;
    case 'compound':
      return `${control.elements} values of ${control.elementBytes} bytes`;
    default:
      return `${control.minimum}..${control.maximum}${control.step > 1 ? ` step ${control.step}` : ''}`;
  }
}

function describeMenu(control: Control): string[] {
  if (!('menu' in control) || control.menu.length === 0) return [];
  const items = control.menu.map(({ value, label }) => `${value} ${label}`);
  return wrapAfter('        ', items, ', ');
}
