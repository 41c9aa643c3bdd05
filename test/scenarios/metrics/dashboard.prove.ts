import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { onlyResource, ROOT, resourcesOf, rotationStack } from '../../infra/cdk-app.ts';
import { type AlarmProperties, alarmStateOf } from './alarm-state.ts';
import { type Datum, metricsIn, metricsOfLambda, seriesOf } from './cloudwatch.ts';
import { type Course, playCourse } from './course.ts';
import { type DrawnWidget, drawDashboard } from './drawing.ts';

const template = Template.fromStack(rotationStack());

interface Widget {
  readonly type: 'metric' | 'alarm';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: {
    readonly title: string;
    readonly view?: 'singleValue' | 'timeSeries' | 'bar';
    readonly stacked?: boolean;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: {
      readonly horizontal: readonly { readonly value: number; readonly label: string }[];
    };
    readonly alarms?: readonly string[];
  };
}

/** With the names of the functions on the local servers; alarms are named as in the template. */
function resolved(value: unknown, course: Course): unknown {
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = Object(value);
  if (join !== undefined) {
    return join[1].map((part: unknown) => resolved(part, course)).join('');
  }
  if (Array.isArray(value)) {
    return value.map((each) => resolved(each, course));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { rotation, watch } = course.functions;
  const names = {
    [onlyResource(template, 'AWS::Lambda::Function').id]: rotation.name,
    [onlyResource(template, 'AWS::Lambda::Function', 'watch').id]: watch.name,
  };
  return Ref !== undefined || attribute !== undefined
    ? (attribute?.[0] ?? names[Ref] ?? Ref)
    : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, course)]));
}

function alarmOf(id: string, course: Course): AlarmProperties {
  const alarm = resourcesOf(template, 'AWS::CloudWatch::Alarm').find((each) => each.id === id);
  return resolved(alarm?.Properties, course) as AlarmProperties;
}

function drawn(widget: Widget, course: Course, data: readonly Datum[]): DrawnWidget {
  const { type, properties, ...place } = widget;
  const { title, view, stacked = false, metrics = [], annotations, alarms = [] } = properties;
  if (type === 'alarm') {
    const states = alarms.map((id) => {
      const name = /Rotation(\w+?)Alarm/.exec(id)?.[1] ?? id;
      return { name, state: alarmStateOf(alarmOf(id, course), data, course.end) };
    });
    return { ...place, title, content: { kind: 'alarms', alarms: states } };
  }
  const series = metrics.flatMap((entry) => seriesOf(entry, data));
  const marks = annotations?.horizontal ?? [];
  const content = {
    singleValue: { kind: 'number', series },
    bar: { kind: 'bars', series },
    timeSeries: { kind: 'graph', series, isStacked: stacked, marks },
  } as const;
  return { ...place, title, content: content[view ?? 'timeSeries'] };
}

/** On a busy machine a step takes some more of the simulated time. So the picture has it in steps of four seconds. */
function rounded(datum: Datum): Datum {
  return datum.name === 'StepDuration'
    ? { ...datum, value: Math.round(datum.value / 4000) * 4000 }
    : datum;
}

describe('the dashboard', () => {
  let course: Course;
  let data: readonly Datum[];
  let widgets: readonly Widget[];
  const range = () => {
    const to = course.end.getTime();
    return { from: to - 14 * 24 * 60 * 60 * 1000, to };
  };

  beforeAll(async () => {
    course = await playCourse();
    data = Object.values(course.functions)
      .flatMap(({ name, logs, invocations }) => [
        ...metricsIn(logs),
        ...metricsOfLambda(name, invocations),
      ])
      .filter(({ at }) => at >= range().from)
      .map(rounded);
    const { Properties } = onlyResource(template, 'AWS::CloudWatch::Dashboard', 'watch');
    ({ widgets } = JSON.parse(String(resolved(Properties['DashboardBody'], course))));
  }, 300_000);

  it('shows what two weeks of rotations and of the watch have written', async () => {
    const picture = drawDashboard(
      widgets.map((widget) => drawn(widget, course, data)),
      range(),
    );

    expect(picture).not.toMatch(/NaN|Infinity|undefined|glpat/);
    // Written by: vitest run --config test/prove/vitest.config.ts test/scenarios/metrics --update
    await expect(picture).toMatchFileSnapshot(join(ROOT, 'infra', 'dashboard.svg'));
  });

  it('shows every metric', () => {
    const body = JSON.stringify(widgets);
    const names = new Set(
      data.filter(({ namespace }) => namespace === 'GitLabTokenRotation').map(({ name }) => name),
    );

    expect([...names].filter((name) => !body.includes(name))).toEqual([]);
  });

  it('has the alarm on days to expiry, which nobody has heard', () => {
    const states = widgets.flatMap(({ properties: { alarms = [] } }) =>
      alarms.map((id) => [
        alarmOf(id, course).MetricName,
        alarmStateOf(alarmOf(id, course), data, course.end),
      ]),
    );

    expect(Object.fromEntries(states)).toEqual({
      Errors: 'OK',
      SecretsWithFindings: 'OK',
      DaysToExpiry: 'ALARM',
    });
  });
});
