import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  GraphWidgetView,
  type IMetric,
  type IWidget,
  PeriodOverride,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { MARGIN_DAYS } from '../props.ts';
import { metricOf, queryOf } from './metrics.ts';

/** What the dashboard shows. */
interface Shown {
  readonly rotation: IFunction;
  /** Undefined where it runs for verdicts of AWS only: then it writes no metrics. */
  readonly dailyWatch: IFunction | undefined;
  readonly alarms: readonly Alarm[];
}

/** The watch runs once a day, and a rotation is no more frequent than every four hours. */
const PERIOD = Duration.days(1);
/** A query reaches no further back. */
const RANGE = Duration.days(14);
const HEIGHT = 6;
const Y_AXIS = { min: 0, showUnits: false };

/**
 * One screen, at the top what a person looks at first. Nothing of it grows with the number of secrets:
 * what has a line for each secret, or code, is a query for the ten that matter most.
 */
export function createDashboard(
  scope: Construct,
  { rotation, dailyWatch, alarms }: Shown,
): Dashboard {
  const failures = queryOf('Failures', rotation, { by: ['Code'], most: 'SUM' });
  const durations = queryOf('StepDuration', rotation, { by: ['Step'], most: 'MAX' });
  return new Dashboard(scope, 'Dashboard', {
    defaultInterval: RANGE,
    periodOverride: PeriodOverride.INHERIT,
    widgets: [
      dailyWatch ? expiry(dailyWatch) : [],
      [
        ...(dailyWatch ? [findings(dailyWatch)] : []),
        totals('Rotations by outcome', ...outcomes(rotation)),
        totals('Failures by code', failures),
      ],
      [
        new GraphWidget({
          ...{ title: 'Longest step durations in ms', width: 16, height: HEIGHT },
          ...{ left: [durations], leftYAxis: Y_AXIS },
        }),
        new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 8, height: HEIGHT }),
      ],
    ],
  });
}

function expiry(watch: IFunction): IWidget[] {
  return [
    number(
      'Secrets with findings',
      metricOf('SecretsWithFindings', watch, { statistic: 'Maximum', period: PERIOD }),
    ),
    number(
      'Lowest days to expiry',
      metricOf('DaysToExpiry', watch, { statistic: 'Minimum', period: PERIOD }),
    ),
    new GraphWidget({
      ...{ title: 'Days to expiry, the ten lowest', width: 14, height: HEIGHT },
      left: [queryOf('DaysToExpiry', watch, { by: ['SecretName', 'Token'], least: 'MIN' })],
      leftAnnotations: [{ value: MARGIN_DAYS, label: 'alarm below', color: Color.RED }],
      leftYAxis: Y_AXIS,
    }),
  ];
}

function number(title: string, metric: IMetric): IWidget {
  return new SingleValueWidget({ title, metrics: [metric], width: 5, height: HEIGHT });
}

/** One upon the other, so that two codes with the same number are both seen. */
function findings(watch: IFunction): IWidget {
  return new GraphWidget({
    ...{ title: 'Findings by code', width: 8, height: HEIGHT, stacked: true },
    left: [queryOf('Findings', watch, { by: ['Code'], most: 'MAX' })],
    leftYAxis: Y_AXIS,
  });
}

/** A rotation is rare: its days would be single dots. */
function totals(title: string, ...left: IMetric[]): IWidget {
  return new GraphWidget({
    ...{ title, width: 8, height: HEIGHT, left, leftYAxis: Y_AXIS },
    ...{ view: GraphWidgetView.BAR, setPeriodToTimeRange: true },
  });
}

function outcomes(rotation: IFunction): IMetric[] {
  const sum = { statistic: 'Sum', period: PERIOD } as const;
  return [
    metricOf('RotationsSucceeded', rotation, { ...sum, label: 'succeeded', color: Color.GREEN }),
    metricOf('RotationsFailed', rotation, { ...sum, label: 'failed attempts', color: Color.RED }),
    metricOf('RotationsHealed', rotation, { ...sum, label: 'healed', color: Color.ORANGE }),
  ];
}
