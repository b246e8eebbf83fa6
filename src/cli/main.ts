#!/usr/bin/env node
// Where the program was until it became main.cjs: units of services that were installed before name this file.
import './main.cjs';
