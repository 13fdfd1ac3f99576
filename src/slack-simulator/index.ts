export type { PersonDriver } from './driver.ts';
export { ImpossibleGesture, SimulatorSetupError } from './errors.ts';
export type { Fault } from './faults.ts';
export type { Stale, Which } from './interactions/actions.ts';
export type { Outcome } from './interactions/context.ts';
export type { GivenValue } from './interactions/elements.ts';
export type { ModalValues } from './interactions/modals.ts';
export type { DeliveryChoice, Panel, PanelState, SlackSimulatorOptions } from './options.ts';
export { type SlackSimulator, startSlackSimulator } from './simulator.ts';
export type {
  ApiCall,
  Block,
  Change,
  Channel,
  EphemeralMessage,
  Installation,
  KnownCommand,
  KnownShortcut,
  Message,
  MessageRef,
  Person,
  UserGroup,
  View,
  ViewRef,
} from './types.ts';
