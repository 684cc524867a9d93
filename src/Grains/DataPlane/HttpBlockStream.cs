using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// A stream of frames from one worker. When it breaks, or its bytes arrive changed, it is asked for again from the first element that has
/// not been handed out. This works because a block's elements are the same whenever they are sent.
/// </summary>
/// <param name="life">Cancelled when the cluster gives the worker up.</param>
/// <param name="patience">How long the worker may be silent, at each attempt.</param>
/// <param name="open">Sends a request: the first block still wanted, and how many of its elements are known.</param>
internal sealed class HttpBlockStream(
    WorkerId worker, BlockRequest request, Func<DataPlaneCall, int, long, Task<HttpResponseMessage>> open, TimeProvider time,
    TimeSpan patience, CancellationToken life, CancellationToken cancellationToken)
    : BlockStream
{
    /// <summary>A stream goes on where it broke; that often without a new frame in between and the worker counts as unreachable.</summary>
    private const int FruitlessAttempts = 2;

    private MessageReader _messages = new(worker, request, 0, 0);
    private DataPlaneCall? _call;
    private Task<HttpResponseMessage>? _answer;
    private Stream? _stream;
    private int _fruitless;

    public override int Held => _messages.Held;

    /// <summary>Sends the request, so that the worker fills the buffers on the way while other streams are read.</summary>
    public HttpBlockStream Start()
    {
        _call = new DataPlaneCall(worker, time, life, cancellationToken, patience);
        _answer = open(_call, _messages.Position, _messages.Elements);
        return this;
    }

    public override ValueTask<bool> NextAsync()
    {
        try
        {
            if (_messages.TryNext())
            {
                return new ValueTask<bool>(Taken());
            }
        }
        catch (InvalidDataException e)
        {
            return BreakAsync(e);
        }

        return ReadAsync();
    }

    public override void Dispose()
    {
        Close();
        _messages.Dispose();
    }

    /// <returns>Whether there is a frame.</returns>
    private bool Taken()
    {
        _fruitless = 0;
        if (_messages.Ended)
        {
            return false;
        }

        (Position, Header, Payload) = (_messages.Position, _messages.Header, _messages.Payload);
        return true;
    }

    private async ValueTask<bool> ReadAsync()
    {
        while (true)
        {
            try
            {
                if (_call is null)
                {
                    Start();
                }

                if (_stream is null)
                {
                    var answer = await _answer!.ConfigureAwait(false);
                    _messages.Start(_call!.Reply!.StreamSeal());
                    _stream = await answer.Content.ReadAsStreamAsync(_call.Stop).ConfigureAwait(false);
                }

                while (!_messages.TryNext())
                {
                    var read = await _call!.GuardAsync(stop => _stream.ReadAsync(_messages.Room(), stop)).ConfigureAwait(false);
                    _messages.Filled(read > 0 ? read : throw new InvalidDataException("The answer ended before its last message."));
                }

                if (_messages.Ended)
                {
                    await ReadEndAsync().ConfigureAwait(false);
                }

                return Taken();
            }
            catch (Exception e) when (e is WorkerUnreachableException or InvalidDataException && !cancellationToken.IsCancellationRequested)
            {
                Break(e);
            }
        }
    }

    private ValueTask<bool> BreakAsync(Exception error)
    {
        Break(error);
        return ReadAsync();
    }

    /// <summary>Gets ready to ask again.</summary>
    /// <exception cref="WorkerUnreachableException">It did not help before.</exception>
    private void Break(Exception error)
    {
        if (++_fruitless >= FruitlessAttempts)
        {
            throw error as WorkerUnreachableException ?? new WorkerUnreachableException(worker, error);
        }

        Close();
        var (position, elements) = (_messages.Position, _messages.Elements);
        _messages.Dispose();
        _messages = new MessageReader(worker, request, position, elements);
    }

    /// <summary>Reads the end of the answer, so that its connection can serve the next request.</summary>
    private async ValueTask ReadEndAsync()
    {
        if (await _call!.GuardAsync(stop => _stream!.ReadAsync(_messages.Room(), stop)).ConfigureAwait(false) != 0)
        {
            throw new InvalidDataException("The answer goes on after its last message.");
        }

        Close();
    }

    private void Close()
    {
        var (call, answer) = (_call, _answer);
        (_call, _answer, _stream) = (null, null, null);
        if (answer is null)
        {
            return;
        }

        if (answer.IsCompletedSuccessfully)
        {
            answer.Result.Dispose();
            call!.Dispose();
        }
        else
        {
            // Nobody waits for it any more. What it ends with is seen to, and what it brings is let go.
            call!.Cancel();
            answer.ContinueWith(
                static (task, state) =>
                {
                    _ = task.Exception;
                    if (task.IsCompletedSuccessfully)
                    {
                        task.Result.Dispose();
                    }

                    ((DataPlaneCall)state!).Dispose();
                },
                call, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }
}
