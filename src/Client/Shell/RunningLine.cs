using MicroSpark.Client.Output;

namespace MicroSpark.Client.Shell;

/// <summary>
/// A line that runs at a terminal. The first Ctrl-C cancels its jobs; the second gives the line itself up, which no code can be made to
/// notice.
/// </summary>
internal sealed class RunningLine : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _givenUp = new();
    private readonly CancellationTokenSource _over = new();

    /// <summary>For what the console itself does for the line.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Nobody waits for the line any more.</summary>
    public CancellationToken GivenUp => _givenUp.Token;

    public async Task InterruptAsync(MicroSparkContext spark, Terminal terminal)
    {
        if (_cancelled.IsCancellationRequested)
        {
            await _givenUp.CancelAsync();
            return;
        }

        try
        {
            await _cancelled.CancelAsync();
            await spark.CancelAllJobsAsync(_over.Token);
            await Task.Delay(s_patience, TimeProvider.System, _over.Token);
            terminal.Error.WriteLine("Its jobs are cancelled, but the line itself goes on. Ctrl-C again gives it up.");
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // As it should be.
        }
        catch (Exception e)
        {
            // Nobody awaits this; the user did ask.
            terminal.Error.WriteLine(e.Message);
        }
    }

    public void Dispose() => _over.Cancel();
}
