import { describeSchedules } from './simulation.fixture.ts';

describeSchedules(2);
