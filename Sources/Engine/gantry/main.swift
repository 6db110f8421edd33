import GantryCommands
import Glibc
if getenv("GANTRY_NOOP") != nil { exit(0) }
CommandLineEntry.run(CommandLine.arguments)
