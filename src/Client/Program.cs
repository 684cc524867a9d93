using MicroSpark.Client;
using MicroSpark.Client.Output;

using var terminal = Terminal.OfProcess();
return await ConsoleProgram.RunAsync(args, terminal);
