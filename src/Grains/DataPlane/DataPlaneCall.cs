using System.Net;
using System.Text;
using MicroSpark.Model;
using MicroSpark.Tasks;

namespace MicroSpark.Grains.DataPlane;

/// <summary>
/// One call of a worker's data plane. It holds the call's patience, and translates all errors into the two on which a caller acts: a worker
/// out of reach and a cancelled token.
/// </summary>
internal sealed class DataPlaneCall : IDisposable
{
    /// <summary>Names of workers, or the text of an error.</summary>
    private const int LongestShortBody = 1 << 20;

    private readonly CancellationToken _caller;
    private readonly CancellationToken _life;
    private readonly TimeSpan _most;
    private readonly CancellationTokenSource _patience;
    private readonly CancellationTokenSource _either;

    /// <param name="life">Cancelled when the cluster gives the worker up. A frozen process keeps its connections, and says nothing.</param>
    /// <param name="patience">How long it may be silent; <see cref="HttpBlockTransport.Patience"/> when null.</param>
    public DataPlaneCall(
        WorkerId worker, TimeProvider time, CancellationToken life, CancellationToken caller, TimeSpan? patience = null)
    {
        _most = patience ?? HttpBlockTransport.Patience;
        Worker = worker;
        _caller = caller;
        _life = life;
        _patience = new CancellationTokenSource(_most, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_patience.Token, life, caller);
    }

    public WorkerId Worker { get; }

    public CancellationToken Stop => _either.Token;

    /// <summary>What proves the answer to the last request; null before the first.</summary>
    public ReplyProof? Reply { get; private set; }

    /// <summary>Runs one step; the worker's patience starts anew with it.</summary>
    /// <exception cref="WorkerUnreachableException">It broke, was silent for too long, or is dead for the cluster.</exception>
    public async ValueTask<T> GuardAsync<T>(Func<CancellationToken, ValueTask<T>> step)
    {
        _patience.CancelAfter(_most);
        try
        {
            return await step(Stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_caller.IsCancellationRequested)
        {
            throw new OperationCanceledException(_caller);
        }
        catch (OperationCanceledException e)
        {
            throw new WorkerUnreachableException(
                Worker,
                new TimeoutException(
                    _life.IsCancellationRequested
                        ? "The cluster has given it up." : $"It was silent for {_most.TotalSeconds:0} s.",
                    e));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new WorkerUnreachableException(Worker, e);
        }
        finally
        {
            // Between two steps it is the reader who is silent.
            _patience.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Nobody waits for the answer any more.</summary>
    public void Cancel() => _patience.Cancel();

    /// <param name="accepted">The status that is an answer besides 200.</param>
    /// <param name="reply">What the answer must prove.</param>
    /// <exception cref="WorkerUnreachableException">Another worker answered, or somebody who does not know the secret.</exception>
    /// <exception cref="UnauthorizedAccessException">The worker refuses this process's secret, or what its role would
    /// do.</exception>
    /// <exception cref="InvalidOperationException">The worker answers with an error.</exception>
    public async Task<HttpResponseMessage> CheckAsync(HttpResponseMessage response, HttpStatusCode accepted, ReplyProof reply)
    {
        Reply = reply;
        var status = response.StatusCode;
        var proof = response.Headers.TryGetValues(RequestProof.ProofHeader, out var values) ? values.FirstOrDefault() : null;

        // What 200 brings proves itself, and may be long. Everything else is short and covered by the header.
        var body = status is HttpStatusCode.OK ? [] : await ShortBodyAsync(response);
        if (reply.Check(proof, (int)status, body))
        {
            return status is HttpStatusCode.OK || status == accepted
                ? response
                : status is HttpStatusCode.MisdirectedRequest
                    ? throw new WorkerUnreachableException(Worker)
                    : status is HttpStatusCode.Forbidden
                    ? throw new UnauthorizedAccessException($"Worker {Worker} answered: {TextOf(body)}")
                    : throw new InvalidOperationException($"Worker {Worker} answered {(int)status}: {TextOf(body)}");
        }

        if (status is HttpStatusCode.Unauthorized)
        {
            throw new UnauthorizedAccessException(
                $"Worker {Worker} answered: {TextOf(body)} Give this process the cluster's MicroSpark:Secret or "
                + $"MicroSpark:SecretFile.");
        }

        // Whoever answered does not know the secret: the worker is gone and its port has another owner.
        throw new WorkerUnreachableException(
            Worker, new UnauthorizedAccessException("Its address answers without a proof of the cluster's secret."));
    }

    public Task<byte[]> ReadAllAsync(HttpResponseMessage response) =>
        GuardAsync(stop => new ValueTask<byte[]>(response.Content.ReadAsByteArrayAsync(stop))).AsTask();

    public void Dispose()
    {
        _either.Dispose();
        _patience.Dispose();
    }

    /// <exception cref="WorkerUnreachableException">It is longer than any short answer, or breaks.</exception>
    private async Task<byte[]> ShortBodyAsync(HttpResponseMessage response)
    {
        await GuardAsync(async stop =>
        {
            await response.Content.LoadIntoBufferAsync(LongestShortBody, stop).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return await ReadAllAsync(response).ConfigureAwait(false);
    }

    private static string TextOf(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 1000)));
}
