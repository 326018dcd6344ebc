// From wire names to drawn components: checks every name and prop against the SDK's catalogue before drawing.

import { createController } from '@remote-ui/react/host';
import {
  createElement,
  useEffect,
  useMemo,
  useRef,
  type ComponentType,
  type ReactElement,
  type ReactNode,
} from 'react';
import { IMPLEMENTATIONS } from '../components';
import { Boxed } from '../components/boxed';
import type { ProblemReport } from '../protocol';
import { catalogue } from './catalogue';
import { useScope, type ExtensionScope } from './scope';

type WireProps = Record<string, unknown> & { children?: ReactNode; testId?: string };
type Handler = (...args: unknown[]) => unknown;

const drawn = new Map<string, ComponentType<WireProps>>();

/** A controller that draws unknown names as a visible box. The stock one throws, which blanks the whole card. */
export function makeController(): ReturnType<typeof createController> {
  const controller = createController({});
  controller.get = ((name: string) => {
    const known = drawn.get(name) ?? (name in catalogue.components ? checked(name) : unknown(name));
    drawn.set(name, known);
    return known;
  }) as typeof controller.get;
  return controller;
}

function unknown(name: string): ComponentType<WireProps> {
  return function UnknownComponent(props) {
    const scope = useScope();
    const message = scope.texts.t('extension.unknownComponent', { name });
    useEffect(
      () => scope.report({ kind: 'unknown-component', message: `Unknown component <${name}>` }),
      [scope],
    );
    return (
      <div className="hs-problem-box" role="note" data-hs-unknown={name}>
        <strong>{message}</strong>
        {props.children}
      </div>
    );
  };
}

function checked(name: string): ComponentType<WireProps> {
  const Implementation = IMPLEMENTATIONS[name] as ComponentType<WireProps> | undefined;
  const Checked = (props: WireProps): ReactElement => {
    const scope = useScope();
    const problems = findProblems(name, props, scope);
    const signature = problems.map((problem) => problem.report.message).join('\n');
    const latest = useRef(problems);
    latest.current = problems;
    useEffect(() => {
      if (signature) latest.current.forEach((problem) => scope.report(problem.report));
    }, [signature, scope]);
    const guarded = useGuardedHandlers(name, props, scope);
    return (
      <>
        {Implementation ? createElement(Implementation, guarded) : <Boxed {...guarded} name={name} />}
        {problems.map((problem) => (
          <span key={problem.text} className="hs-problem" role="note">
            {problem.text}
          </span>
        ))}
      </>
    );
  };
  Checked.displayName = name;
  return Checked;
}

interface FoundProblem {
  report: ProblemReport;
  /** In the session's language. */
  text: string;
}

function findProblems(component: string, props: WireProps, { texts }: ExtensionScope): FoundProblem[] {
  const declared = catalogue.components[component]?.props ?? {};
  const found: FoundProblem[] = [];
  for (const [prop, value] of Object.entries(props)) {
    if (value === undefined) continue;
    const entry = declared[prop];
    if (!entry) {
      found.push({
        report: { kind: 'unknown-prop', message: `${component} has no prop "${prop}"` },
        text: texts.t('extension.unknownProp', { component, prop }),
      });
    } else if (entry.values && !entry.values.includes(value as string)) {
      found.push({
        report: {
          kind: 'unknown-value',
          message: `${component} does not accept ${prop}="${String(value)}"`,
        },
        text: texts.t('extension.unknownValue', { component, prop, value: String(value) }),
      });
    }
  }
  return found;
}

/** A handler that rejects in the worker is reported by name, so that the developer can find the prop. */
function useGuardedHandlers(component: string, props: WireProps, scope: ExtensionScope): WireProps {
  const guards = useRef(new WeakMap<Handler, Handler>()).current;
  return useMemo(() => {
    const guard =
      (prop: string, handler: Handler): Handler =>
      async (...args) => {
        try {
          return await handler(...args);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          scope.report({ kind: 'handler-rejected', message: `${component} ${prop}: ${reason}` });
          return undefined;
        }
      };
    const result: WireProps = { ...props };
    for (const [prop, value] of Object.entries(props)) {
      if (typeof value !== 'function') continue;
      const handler = value as Handler;
      const known = guards.get(handler) ?? guard(prop, handler);
      guards.set(handler, known);
      result[prop] = known;
    }
    return result;
  }, [component, props, scope, guards]);
}
