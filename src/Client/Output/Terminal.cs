using System.Text;

namespace MicroSpark.Client.Output;

/// <summary>Where a command writes: results to <paramref name="Out"/>, all that is said about them to <paramref name="Error"/>.</summary>
/// <param name="ErrorIsScreen">Whether lines written to <paramref name="Error"/> can be drawn over.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool ErrorIsScreen) : IDisposable
{
    /// <summary>What is piped in; unused when somebody sits at the keyboard.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Whether somebody sits at the keyboard.</summary>
    public bool InIsScreen { get; init; }

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static Terminal OfProcess()
    {
        // The console's own writer flushes each line; a result may have a million of them.
        var results = new StreamWriter(Console.OpenStandardOutput(), s_utf8, bufferSize: 1 << 16);
        var screen = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb") &&
            Console.WindowWidth >= BarProgress.Columns;
        return new Terminal(results, Console.Error, screen)
        { InIsScreen = !Console.IsInputRedirected, In = Console.IsInputRedirected ? Console.In : TextReader.Null };
    }

    public void Dispose() => Out.Flush();
}
