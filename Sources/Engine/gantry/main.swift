import GantryCommands

CommandLineEntry.run(CommandLine.arguments)
