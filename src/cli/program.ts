import type { Command } from 'commander';
import { calibrateCommand } from './calibrate.js';
import { classifyCommand } from './classify.js';
import { completionCommand } from './completion.js';
import { configCommand } from './config.js';
import { detectCommand } from './detect.js';
import { devicesCommand } from './devices.js';
import { doctorCommand } from './doctor.js';
import { energyCommand } from './energy.js';
import { evalCommand } from './eval.js';
import { eventsCommand } from './events.js';
import { fleetCommand } from './fleet.js';
import { homeCommand } from './home.js';
import { hooksCommand } from './hooks.js';
import { keywordCommand } from './keyword.js';
import { listenCommand } from './listen.js';
import { muteCommand, unmuteCommand } from './mute.js';
import { rootCommand } from './root-command.js';
import { runCommand } from './run.js';
import { serviceCommand } from './service.js';
import { statusCommand } from './status.js';
import { topCommand } from './top.js';
import { trainCommand } from './train.js';

/** The whole command line: every command is a file of its own, and loads what it works with when it is run. */
export function createProgram(): Command {
  const program = rootCommand();
  program.commandsGroup('Listen:');
  runCommand(program.command('run'));
  detectCommand(program.command('detect'));
  devicesCommand(program.command('devices'));

  program.commandsGroup('Share the work of several machines:');
  classifyCommand(program.command('classify'));
  fleetCommand(program.command('fleet'));

  program.commandsGroup('Talk to a running daemon:');
  statusCommand(program.command('status'));
  topCommand(program.command('top'));
  eventsCommand(program.command('events'));
  listenCommand(program.command('listen'));
  muteCommand(program.command('mute'));
  unmuteCommand(program.command('unmute'));
  hooksCommand(program.command('hooks'));
  energyCommand(program.command('energy'));

  program.commandsGroup('Keywords of your own:');
  keywordCommand(program.command('keyword'));

  program.commandsGroup('Train and measure model packs:');
  trainCommand(program.command('train'));
  evalCommand(program.command('eval'));
  calibrateCommand(program.command('calibrate'));

  program.commandsGroup('Set up:');
  doctorCommand(program.command('doctor'));
  homeCommand(program.command('home'));
  configCommand(program.command('config'));
  serviceCommand(program.command('service'));
  completionCommand(program.command('completion'), program);
  program.helpCommand('help [command]', 'Print the help of a command');
  return program;
}
