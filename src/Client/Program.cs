using MicroSpark.Client;
using MicroSpark.Client.CommandLine;

using var terminal = Terminal.OfProcess();
return await ConsoleProgram.RunAsync(args, terminal);
