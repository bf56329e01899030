import { describeSchedules } from '@tapekit/tooling/sim/describe-schedules';

describeSchedules(5);
